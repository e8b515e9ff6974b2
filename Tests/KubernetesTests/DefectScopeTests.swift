import GatewayAPI
import Kubernetes
import Testing

/// The smallest thing that is wrong carries the defect, and the message says what, where and with what consequence.
@Suite struct DefectScopeTests {

    private func expect(_ problems: [Problem], _ field: String, _ value: String, _ message: String) {
        #expect(problems.map(\.field) == [field])
        #expect(problems.map(\.value) == [value])
        #expect(problems.map(\.message) == [message])
        #expect(problems.map(\.object) == ["HTTPRoute ana/shop"])
        #expect(problems.allSatisfy { $0.severity == .error && $0.line == 4 && $0.file == "a.yaml" })
    }

    @Test func aBadMatchMatchesNothingAndItsSiblingStays() throws {
        let (route, problems) = try ManifestText.route(
            "{rules: [{matches: [{path: {value: buy}}, {path: {value: /ok}}]}]}")
        expect(problems, "spec.rules[0].matches[0].path.value", "buy", "must begin with /; this match matches nothing")
        #expect(
            route.rules[0].matches.map(\.defect) == [
                "spec.rules[0].matches[0].path.value \"buy\" must begin with /", nil,
            ])
        #expect(route.rules[0].defect == nil)
    }

    @Test func aBadWeightIsItsBackendsShare() throws {
        let (route, problems) = try ManifestText.route(
            "{rules: [{backendRefs: [{name: a, port: 80, weight: 1000001}, {name: b, port: 80}]}]}")
        expect(
            problems, "spec.rules[0].backendRefs[0].weight", "1000001",
            "must be 0..1000000; this backend's share answers 500")
        #expect(route.rules[0].backendRefs.map { $0.defect == nil } == [false, true])
        #expect(route.rules[0].defect == nil)
    }

    @Test func aServiceNeedsAPort() throws {
        let problems = try ManifestText.route("{rules: [{backendRefs: [{name: a}]}]}").problems
        expect(
            problems, "spec.rules[0].backendRefs[0].port", "",
            "is required for a Service; this backend's share answers 500")
    }

    @Test func anUnknownFilterIsUnusableAndTheRuleStays() throws {
        let (route, problems) = try ManifestText.route(
            "{rules: [{filters: [{type: Teleport}]}, {matches: [{path: {value: /b}}]}]}")
        expect(
            problems, "spec.rules[0].filters[0].type", "Teleport",
            "is not a known filter type; this rule answers 500 on its matches")
        #expect(
            route.rules[0].filters == [
                .unusable(
                    type: "Teleport", reason: "spec.rules[0].filters[0].type \"Teleport\" is not a known filter type")
            ])
        #expect(route.rules.map(\.defect) == [nil, nil])
    }

    @Test func aBadTimeoutIsTheRules() throws {
        let (route, problems) = try ManifestText.route("{rules: [{timeouts: {request: 5 seconds}}, {}]}")
        expect(
            problems, "spec.rules[0].timeouts.request", "5 seconds",
            "must be one to four numbers of at most five digits, each with a unit h, m, s or ms, as 1h30m; "
                + "this rule answers 500 on its matches")
        #expect(route.rules.map { $0.defect == nil } == [false, true])
    }

    @Test func aNumberWhereTextIsDueIsSaid() throws {
        let problems = try ManifestText.route("{rules: [{matches: [{headers: [{name: a, value: 1}]}]}]}").problems
        expect(
            problems, "spec.rules[0].matches[0].headers[0].value", "1",
            "must be a string, not an integer (quote it); this match matches nothing")
    }

    @Test func anUnknownFieldOfARuleSpoilsTheRuleAndAnUnservedOneIsTold() throws {
        let (route, problems) = try ManifestText.route("{rules: [{timeout: {request: 1s}, retry: {attempts: 1}}, {}]}")
        #expect(problems.map(\.severity) == [.error, .error])
        #expect(problems.map(\.id) == [.unknownField, .unservedField])
        #expect(problems.map(\.field) == ["spec.rules[0].timeout", "spec.rules[0].retry"])
        #expect(
            problems.map(\.message) == [
                "is not a known field (timeouts is); this rule answers 500 on its matches",
                "is not implemented; it is ignored",
            ])
        #expect(route.rules.map { $0.defect == nil } == [false, true])
    }

    @Test(arguments: [
        "{filters: [{type: RequestRedirect, requestRedirect: {}}, {type: URLRewrite, urlRewrite: {}}]}",
        "{filters: [{type: URLRewrite, urlRewrite: {}}, {type: URLRewrite, urlRewrite: {}}]}",
        "{filters: [{type: RequestRedirect, requestRedirect: {}}], backendRefs: [{name: a, port: 1}]}",
        "{timeouts: {request: 1s, backendRequest: 2s}}",
        "{matches: [{path: {type: Exact, value: /a}}], filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]}",
        "{matches: [{path: {value: /a}}, {path: {value: /b}}], filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]}",
        "{backendRefs: 5}",
    ])
    func combinationsTheStandardForbidsSpoilTheRule(rule: String) throws {
        let (route, problems) = try ManifestText.route("{rules: [\(rule), {}]}")
        #expect(route.rules.map { $0.defect == nil } == [false, true])
        #expect(problems.count == 1)
    }

    @Test(arguments: [
        "{timeouts: {request: 0s, backendRequest: 2s}}", "{timeouts: {request: 2s, backendRequest: 2s}}",
        "{matches: [{path: {value: /a}}], filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: \"\"}}}]}",
        "{filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]}",
    ])
    func combinationsTheStandardAllowsStay(rule: String) throws {
        let (route, problems) = try ManifestText.route("{rules: [\(rule)]}")
        #expect(route.rules[0].defect == nil && problems == [])
    }

    @Test(arguments: [
        "{type: RequestHeaderModifier}", "{type: URLRewrite, urlRewrite: {}, requestRedirect: {}}",
        "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a b, value: c}]}}",
        "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: \"c\\r\\nx: y\"}]}}",
        "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: A, value: c}], remove: [a]}}",
        "{type: RequestRedirect, requestRedirect: {statusCode: 305}}",
        "{type: RequestRedirect, requestRedirect: {scheme: ftp}}",
        "{type: URLRewrite, urlRewrite: {hostname: \"*.a\"}}",
        "{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replacePrefixMatch: /a}}}",
        "{type: RequestMirror, requestMirror: {backendRef: {name: a, port: 1}}}", "x",
    ])
    func aBadFilterIsUnusable(filter: String) throws {
        let route = try ManifestText.route("{rules: [{filters: [\(filter)]}]}").route
        guard case .unusable? = route.rules[0].filters.first else { Issue.record("usable"); return }
    }

    @Test func aBackendsPrefixRewriteWithoutPrefixIsItsShare() throws {
        let filter = "{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}"
        let (route, problems) = try ManifestText.route(
            "{rules: [{matches: [{path: {type: Exact, value: /a}}], backendRefs: [{name: a, port: 1}, {name: b, port: 1, filters: [\(filter)]}]}]}"
        )
        #expect(route.rules[0].defect == nil && route.rules[0].backendRefs.map { $0.defect == nil } == [true, false])
        #expect(problems.map(\.field) == ["spec.rules[0].backendRefs[1].filters"])
    }

    @Test func aRuleWithoutReadableMatchesMatchesNothing() throws {
        for rule in ["{matches: 5}", "5", "{matches: [5]}"] {
            let route = try ManifestText.route("{rules: [\(rule)]}").route
            #expect(route.rules[0].matches.allSatisfy { $0.defect != nil })
        }
    }

    @Test func aRouteWithoutAnyUsableHostnameIsRefusedRatherThanServingEveryHost() throws {
        let manifest = try ManifestText.parse(ManifestText.routeText("shop", "{hostnames: [a_b]}"))
        #expect(manifest.objects.map { $0.resource == nil } == [true])
        let some = try ManifestText.route("{hostnames: [a_b, ok.example.com]}")
        #expect(some.route.hostnames == ["ok.example.com"])
        #expect(some.problems.map(\.message) == ["\(Hostname.rule); this hostname is ignored"])
    }

    @Test func whatIsBeyondALimitIsRefusedThere() throws {
        let rules = Array(repeating: "{}", count: 17).joined(separator: ", ")
        let route = try ManifestText.route("{rules: [\(rules)]}").route
        #expect(route.rules.filter { $0.defect != nil }.count == 1 && route.rules[16].defect != nil)
        let matches = Array(repeating: "{}", count: 65).joined(separator: ", ")
        let matched = try ManifestText.route("{rules: [{matches: [\(matches)]}, {matches: [\(matches)]}]}").route
        #expect(matched.rules[0].matches[63].defect == nil && matched.rules[0].matches[64].defect != nil)
        #expect(matched.rules[1].matches[62].defect == nil && matched.rules[1].matches[63].defect != nil)
    }

    @Test func parentsCarryTheirOwnDefects() throws {
        let (route, problems) = try ManifestText.route("{parentRefs: [{name: a}, {name: a}, {name: b, port: 0}]}")
        #expect(route.parentRefs.map { $0.defect == nil } == [true, false, false])
        #expect(problems.last?.message == "must be 1..65535; the route does not attach to this parent")
    }

    @Test func listenersCarryTheirOwnDefects() throws {
        let manifest = try ManifestText.parse(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              gatewayClassName: weir
              listeners:
              - {name: a, port: 80, protocol: HTTP}
              - {name: a, port: 81, protocol: HTTP}
              - {name: b, port: 99999, protocol: HTTP}
              - {name: c, port: 82, protocol: TCP, hostname: a.b}
              - {name: d, port: 83, protocol: HTTP, allowedRoutes: {namespaces: {from: Everyone}}}
            """)
        guard case .gateway(let gateway)? = manifest.objects.first?.resource else { Issue.record("no Gateway"); return }
        #expect(gateway.listeners.map { $0.defect == nil } == [true, false, false, false, true])
        #expect(gateway.listeners[4].allowedNamespaces == .none)
        #expect(manifest.problems.map(\.line) == [8, 9, 10, 11])
        #expect(
            manifest.problems.last?.message == "must be one of All, Same, Selector, None; this listener takes no routes"
        )
    }

    @Test(arguments: [
        ("{apiVersion: v1, kind: Service, metadata: {name: A_b}, spec: {}}", "metadata.name"),
        ("{apiVersion: v1, kind: Service, spec: {}}", "metadata"),
        ("{apiVersion: v1, kind: Service, metadata: {name: a}}", "spec"),
        ("{knd: Service, apiVersion: v1}", "kind"), ("[]", ""), ("text", ""),
        ("{apiVersion: v1, kind: Service, metadata: {name: a}, metadata: {}}", ""),
    ])
    func anObjectWithoutNameOrShapeIsRefused(text: String, field: String) throws {
        let manifest = try ManifestText.parse(text)
        #expect(manifest.objects.allSatisfy { $0.resource == nil })
        #expect(manifest.problems.first?.field == field && manifest.problems.first?.severity == .error)
    }

    @Test func otherKindsArePassedOver() throws {
        let manifest = try ManifestText.parse(
            "{apiVersion: apps/v1, kind: Deployment, x: 1}\n---\n{apiVersion: serving.knative.dev/v1, kind: Service}")
        #expect(manifest.objects.isEmpty && manifest.problems == [])
    }

    @Test func aHostileObjectYieldsABoundedReport() throws {
        let rules = Array(repeating: "{x: 1}", count: 5000).joined(separator: ", ")
        #expect(try ManifestText.parse(ManifestText.routeText("shop", "{rules: [\(rules)]}")).problems.count == 100)
    }

    @Test func aFileOfNonsenseYieldsABoundedReportThatStaysAnError() throws {
        let manifest = try ManifestText.parse("{kind: List, items: [" + String(repeating: "1,", count: 5000) + "]}")
        #expect(manifest.problems.count == 1001)
        #expect(manifest.problems.last?.severity == .error)
        #expect(manifest.problems.last?.message == "has more problems than are reported here")
    }

    @Test func aKindOfOursInAStrangeGroupIsNoted() throws {
        let manifest = try ManifestText.parse("{apiVersion: v1, kind: HTTPRoute, metadata: {name: a}, spec: {}}")
        #expect(manifest.objects.isEmpty)
        #expect(
            manifest.problems.map(\.message) == [
                "is not the group that this kind is read from (gateway.networking.k8s.io/v1 is); the object is not used"
            ])
    }
}
