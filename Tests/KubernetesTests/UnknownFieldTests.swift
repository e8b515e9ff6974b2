import GatewayAPI
import Kubernetes
import Testing

/// A field that nothing reads was meant to do something: it spoils the smallest thing that it stands in, so that
/// nothing is served more widely than was written.
@Suite struct UnknownFieldTests {
    private func problems(_ text: String) throws -> [Problem] { try ManifestText.parse(text).problems }

    @Test func aMisspeltMatchesIsNoCatchAll() throws {
        let (route, problems) = try ManifestText.route("{rules: [{matchs: [{path: {value: /private}}]}]}")
        #expect(route.rules[0].defect?.contains("matchs") == true)
        #expect(problems.map(\.id) == [.unknownField])
        #expect(problems.first?.message.hasPrefix("is not a known field (matches is); ") == true)
    }

    @Test(arguments: [
        "{pathh: {value: /private}}", "{method: GET, header: [{name: a, value: b}]}", "{path: {valeu: /private}}",
        "{headers: [{name: a, value: b, typ: Exact}]}", "{queryParams: [{name: a, value: b, kind: Exact}]}",
    ])
    func aMatchWithAnUnknownFieldMatchesNothing(match: String) throws {
        let (route, problems) = try ManifestText.route("{rules: [{matches: [\(match), {path: {value: /ok}}]}]}")
        #expect(route.rules[0].matches.map { $0.defect == nil } == [false, true])
        #expect(problems.map(\.id) == [.unknownField] && problems.map(\.severity) == [.error])
    }

    @Test(arguments: [
        "{type: URLRewrite, urlRewrite: {}, url: 1}", "{type: URLRewrite, urlRewrite: {hostnam: a.b}}",
        "{type: RequestHeaderModifier, requestHeaderModifier: {sets: []}}",
        "{type: RequestRedirect, requestRedirect: {status: 301}}",
    ])
    func aFilterWithAnUnknownFieldIsUnusable(filter: String) throws {
        let (route, problems) = try ManifestText.route("{rules: [{filters: [\(filter)]}]}")
        guard case .unusable? = route.rules[0].filters.first else { Issue.record("usable"); return }
        #expect(problems.contains { $0.id == .unknownField })
    }

    @Test func aBackendWithAnUnknownFieldAnswersItsShare() throws {
        let (route, _) = try ManifestText.route(
            "{rules: [{backendRefs: [{name: a, port: 80, wieght: 0}, {name: b, port: 80}]}]}")
        #expect(route.rules[0].backendRefs.map { $0.defect == nil } == [false, true])
    }

    @Test func aRouteWithAnUnknownFieldIsNotUsed() throws {
        let manifest = try ManifestText.parse(ManifestText.routeText("shop", "{hostname: [a.example.com], rules: []}"))
        #expect(manifest.objects.map { $0.resource == nil } == [true])
        #expect(manifest.problems.first?.message == "is not a known field (hostnames is); the object is not used")
    }

    @Test func anAPIServersNewFieldOfAnObjectIsToldAndTheObjectServed() throws {
        var problems: [Problem] = []
        let text = ManifestText.routeText("shop", "{newField: 1, rules: [{matches: [{cookies: []}]}]}")
        let root = try #require(try YAMLReader.documents(Array(text.utf8)).first?.root)
        guard case .resource(_, .httpRoute(let route)) = ResourceDecoder.decode(root, file: "", problems: &problems)
        else { Issue.record("refused"); return }
        #expect(route.rules[0].matches[0].defect != nil)
        #expect(problems.map(\.field) == ["spec.newField", "spec.rules[0].matches[0].cookies"])
    }

    @Test func fieldsOfKubernetesOwnKindsAreToldOfFilesOnly() throws {
        let text = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {prots: [], sessionAffinity: ClientIP}}"
        let manifest = try ManifestText.parse(text)
        #expect(manifest.objects.first?.resource != nil)
        #expect(manifest.problems.map(\.id) == [.unknownField, .unservedField])
        #expect(manifest.problems.map(\.severity) == [.error, .warning])
        var problems: [Problem] = []
        let root = try #require(try YAMLReader.documents(Array(text.utf8)).first?.root)
        _ = ResourceDecoder.decode(root, file: "", problems: &problems)
        #expect(problems == [])
    }

    @Test func anUnknownFieldOfMetadataIsToldAndIgnored() throws {
        let manifest = try ManifestText.parse(
            "{apiVersion: v1, kind: Service, metadata: {name: a, lables: {}}, spec: {ports: [{port: 80}]}}")
        #expect(manifest.objects.first?.resource != nil)
        #expect(manifest.problems.map(\.message) == ["is not a known field (labels is); it is ignored"])
    }

    @Test func aMisspeltClientVerificationClosesTheListener() throws {
        let manifest = try ManifestText.parse(
            """
            {apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a}, spec: {gatewayClassName: weir,
              tls: {frontend: {default: {validaton: {caCertificateRefs: []}}}}, listeners: []}}
            """)
        guard case .gateway(let gateway)? = manifest.objects.first?.resource else { Issue.record("refused"); return }
        #expect(gateway.frontendValidation.byDefault)
    }

    @Test func tlsOfABackendIsNotServedInTheClear() throws {
        let manifest = try ManifestText.parse(
            """
            {apiVersion: gateway.kgateway.dev/v1alpha1, kind: Backend, metadata: {name: a}, spec: {type: Static,
              static: {hosts: [{host: a.example.com, port: 443}], tls: {}}}}
            """)
        guard case .backend(let backend)? = manifest.objects.first?.resource else { Issue.record("refused"); return }
        #expect(backend.defect != nil)
    }

    @Test func theNameOfAFieldIsBoundedAndPrintable() throws {
        let name = String(repeating: "x", count: 1000)
        let long = try problems(ManifestText.routeText("shop", "{\(name): 1}"))
        #expect((long.first?.field.count ?? 0) < 400)
        let escape = try problems(ManifestText.routeText("shop", "{\"\\e[31m\\n\\u202e\": \"\\u009b\"}"))
        #expect(escape.first?.field == "spec.\\u{1B}[31m\\n\\u{202E}" && escape.first?.value == "\\u{009B}")
    }
}
