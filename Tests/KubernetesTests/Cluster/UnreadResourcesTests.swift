import APIServer
import GatewayAPI
import Routing
import Testing

@testable import Kubernetes

/// What the planner says of a cluster of which some kind may not be read.
@Suite struct UnreadResourcesTests {
    /// Nothing is wrong with it, and every kind is needed for that.
    private static let sound =
        GatewayManifests.gatewayClass("edge")
        + GatewayManifests.gateway(
            "web", in: "infra", className: "edge",
            listeners: """
                [{name: http, port: 80, protocol: HTTP, \
                allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: shop}}}}}, \
                \(GatewayManifests.https(certificate: "{name: web, namespace: certificates}"))]
                """)
            + """
            ---
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: {name: web, namespace: certificates}
            spec:
              from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: infra}]
              to: [{group: "", kind: Secret}]
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop, labels: {team: shop}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: root, namespace: shop}
            spec:
              parentRefs: [{name: web, namespace: infra}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /a}}]
                  backendRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: silent}]
                - matches: [{path: {type: PathPrefix, value: /b}}]
                  backendRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: naming}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: silent, namespace: shop}
            spec:
              rules:
                - matches: [{path: {type: PathPrefix, value: /a}}]
                  backendRefs: [{name: cart, port: 80}, {name: stock, namespace: store, port: 80}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: naming, namespace: shop}
            spec:
              parentRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: root}]
              rules:
                - matches: [{path: {type: PathPrefix, value: /b}}]
                  backendRefs: [{group: gateway.kgateway.dev, kind: Backend, name: partner}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: mesh, namespace: shop}
            spec:
              parentRefs: [{group: "", kind: Service, name: cart}]
              rules: [{backendRefs: [{name: cart, port: 80}]}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: cart, namespace: shop}
            spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: stock, namespace: store}
            spec: {clusterIP: 10.0.0.2, ports: [{port: 80}]}
            ---
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: {name: stock, namespace: store}
            spec:
              from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
              to: [{group: "", kind: Service}]
            ---
            apiVersion: gateway.kgateway.dev/v1alpha1
            kind: Backend
            metadata: {name: partner, namespace: shop}
            spec: {type: Static, static: {hosts: [{host: partner.example, port: 80}]}}
            """

    /// All of the text but one kind, as somebody sees it who has no right to that.
    private static func state(_ text: String, without kind: ResourceKind? = nil) throws -> SourceState {
        var state = SourceState()
        for object in try ManifestParser.parse(Array(text.utf8), file: "cluster.yaml").objects {
            if let resource = object.resource, object.id.kind != kind { state.resources.insert(resource) }
        }
        let secret = ObjectMeta(key: ObjectKey(namespace: "certificates", name: "web"))
        state.resources.insert(.secret(Secret(metadata: secret, certificateChain: [], privateKey: [])))
        state.unread = kind.map { [UnreadResources(kind: $0)] } ?? []
        return state
    }

    private static func problems(_ state: SourceState) -> [Problem] {
        RoutePlanner.plan(resources: state.resources, scope: .cluster).problems
    }

    @Test func nothingIsWrongWhenAllIsRead() throws {
        #expect(Self.problems(try Self.state(Self.sound)).map(\.oneLine) == [])
    }

    @Test(arguments: [ResourceKind.gatewayClass, .gateway, .service, .namespace, .referenceGrant, .backend])
    func whatIsDueToNothingElseIsNoError(_ kind: ResourceKind) throws {
        let state = try Self.state(Self.sound, without: kind)
        let problems = Self.problems(state)
        let name = kind == .gatewayClass ? "GatewayClasses" : "\(kind.rawValue)s"
        #expect(!problems.isEmpty)
        for problem in problems {
            let weighed = state.weighed(problem)
            #expect(weighed.severity == .warning, "\(problem.oneLine)")
            #expect(weighed.message == "\(problem.message); not certain, \(name) were not looked at")
            #expect(SourceState().weighed(problem) == problem)
        }
    }

    /// Each with a kind that has not been read and plays no part in it.
    @Test(arguments: [
        ("from: Selector, selector: {matchLabels: {team: shop}}", "from: Same", ResourceKind.namespace),
        ("matchLabels: {team: shop}", "matchLabels: {kubernetes.io/metadata.name: infra}", .namespace),
        ("name: cart, port: 80", "name: cart, port: 81", .service),
        ("name: cart, port: 80", "name: missing, port: 80", .backend),
        ("name: root, namespace: shop", "name: other, namespace: shop", .service),
    ])
    func whatIsWrongAnywayStaysAnError(_ part: String, _ mistake: String, _ kind: ResourceKind) throws {
        var state = try Self.state(Self.sound.replacing(part, with: mistake))
        state.unread = [UnreadResources(kind: kind)]
        let problems = Self.problems(state)
        #expect(problems.contains { $0.severity == .error })
        for problem in problems { #expect(state.weighed(problem) == problem) }
    }

    @Test func aSecretThatIsMissingIsMissingWhateverOthersMayNotBeRead() throws {
        var state = try Self.state(Self.sound.replacing("{name: web, namespace: certificates}]", with: "{name: x}]"))
        state.unread = [UnreadResources(kind: .secret, namespace: "certificates", names: ["web"])]
        let problems = Self.problems(state)
        #expect(problems.contains { $0.message.contains("Secret infra/x does not exist") })
        for problem in problems { #expect(state.weighed(problem) == problem) }
    }

    @Test func everyKindThatWasNotReadIsNamed() throws {
        var state = try Self.state(Self.sound, without: .gateway)
        state.unread.append(UnreadResources(kind: .gatewayClass))
        let orphan = try #require(Self.problems(state).first { $0.object == "HTTPRoute shop/silent" })
        #expect(
            state.weighed(orphan).message.hasSuffix("; not certain, Gateways and GatewayClasses were not looked at"))
    }
}
