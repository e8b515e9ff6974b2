import GatewayAPI
import Reactor
import Testing

@testable import Routing

@Suite struct PathRulesTests {
    private static let strip = PathRules(parameters: .strip)
    private static let refuse = PathRules(parameters: .refuse, encodedSlashes: .refuse)
    private static let decode = PathRules(encodedSlashes: .decode)
    private static let both = PathRules(parameters: .strip, encodedSlashes: .decode)

    @Test(
        "What is left of a path; nil where it is refused",
        arguments: [
            ("/a;x=1/b", .standard, "/a;x=1/b"), ("/a%2Fb", .standard, "/a%2Fb"), ("/a/..;x/b", .standard, nil),
            ("/a;x=1/b;y", strip, "/a/b"), ("/a/;x/b", strip, "/a/b"), ("/;x", strip, "/"), ("/a/..;x/b", strip, "/b"),
            ("/a/b/.;x;y", strip, "/a/b/"), ("/..;/x", strip, nil), ("/a;%2e%2e/b", strip, "/a/b"),
            ("/a%3Bx/b", strip, "/a%3Bx/b"), ("/a;%2fx/b", both, "/a/b"),
            ("/a;x", refuse, nil), ("/a%3bx", refuse, nil), ("/a%2fb", refuse, nil), ("/a%5Cb", refuse, nil),
            ("/a/b", refuse, "/a/b"), ("/a%252fb", refuse, "/a%252fb"),
            ("/a%2fb", decode, "/a/b"), ("/a%5cb", decode, "/a/b"), ("/a%2F%2fb", decode, "/a/b"),
            ("/a/..%2fb", decode, "/b"), ("/a%2f..%5c..%2fb", decode, nil), ("/a%2F%2e%2e%2Fb", decode, "/b"),
            ("/%2e%2e%2fb", decode, nil), ("/a%252fb", decode, "/a%252fb"), ("/a;x/b", decode, "/a;x/b"),
            ("/a%2f..;x%2fb", both, "/"), ("/a%2f..;x/b", both, "/b"),
        ] as [(String, PathRules, String?)])
    func normalised(_ path: String, _ rules: PathRules, _ expected: String?) {
        #expect((try? PathNormalization.normalForm(of: path, rules: rules)) == expected)
    }

    @Test("Nothing that was to go is left, and what is left is normal", arguments: 0..<200)
    func nothingEscapes(_ seed: Int) {
        var dice = SplitMix64(seed: UInt64(seed))
        let parts = ["a", "..", ".", "%2e", "%2F", "%5c", ";", ";x=1", "/", "//", "%3b", "%25", "b"]
        for _ in 0..<50 {
            let path = "/" + (0..<8).map { _ in parts[Int.random(in: 0..<parts.count, using: &dice)] }.joined()
            for parameters in PathRules.Parameters.allCases {
                for slashes in PathRules.EncodedSlashes.allCases {
                    let rules = PathRules(parameters: parameters, encodedSlashes: slashes)
                    guard let left = try? PathNormalization.normalForm(of: path, rules: rules) else { continue }
                    #expect((try? PathNormalization.normalForm(of: left)) == left, "\(path) \(rules)")
                    if parameters != .keep { #expect(!left.contains(";")) }
                    if slashes != .keep { #expect(!left.contains("%2F") && !left.contains("%5C")) }
                }
            }
        }
    }

    @Test("A value that does not exist is told and means the strictest; several Services together have the strictest")
    func annotations() {
        let (rules, defects) = PathRules.read([
            "weir.dev/path-parameters": "Strip", "weir.dev/encoded-slashes": "decode",
        ])
        #expect(rules == PathRules(parameters: .refuse, encodedSlashes: .decode))
        #expect(defects.map(\.annotation) == ["weir.dev/path-parameters"])
        #expect(defects.first?.message == "must be one of keep, strip, refuse; refuse is applied")
        #expect(PathRules.read([:]).rules.isStandard)
        #expect(rules.united(with: PathRules(parameters: .strip, encodedSlashes: .refuse)) == Self.refuse)
    }

    @Test("Frontends have the rules of their Gateway or Service")
    func frontends() throws {
        let resources = try PlanFixture.resources(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: g, namespace: ns, annotations: {weir.dev/path-parameters: strip}}
            spec: {gatewayClassName: weir, listeners: [{name: http, port: 80, protocol: HTTP}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: s, namespace: ns, annotations: {weir.dev/encoded-slashes: no-such}}
            spec: {clusterIP: 10.0.0.1, ports: [{name: http, port: 80}]}
            """)
        let plan = RoutePlanner.plan(resources: resources, scope: .cluster)
        let table = RouteTable(plan: plan)
        let service = table.service(ObjectKey(namespace: "ns", name: "s"), port: 80)
        let group = table.listenerGroup(80)
        #expect(service >= 0 && group >= 0, "\(plan.services) \(plan.problems)")
        guard service >= 0, group >= 0 else { return }
        #expect(table.frontend(service).pathRules == PathRules(encodedSlashes: .refuse))
        #expect("x".withBytes { table.frontend(table.frontend(group, host: $0)).pathRules } == Self.strip)
        #expect(plan.problems.map(\.id) == [.invalidAnnotation])
    }

    @Test("A setting of a Service without routes is an error: nothing carries it out")
    func idleSettings() throws {
        func problems(_ annotations: String, route: String = "") throws -> [Problem] {
            let service = """
                apiVersion: v1
                kind: Service
                metadata: {name: s, namespace: ns, annotations: {\(annotations)}}
                spec: {clusterIP: 10.0.0.1, ports: [{name: http, port: 80}]}
                """
            return RoutePlanner.plan(resources: try PlanFixture.resources(service + route), scope: .cluster).problems
        }
        let idle = try problems("weir.dev/path-parameters: strip, weir.dev/encoded-slashes: keep")
        #expect(idle.map(\.id) == [.idleAnnotation] && idle.map(\.severity) == [.error])
        #expect(idle.map(\.field) == ["metadata.annotations[weir.dev/path-parameters]"])
        #expect(idle.map(\.dependsOn) == [.httpRoute])
        let route = """

            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: r, namespace: ns}
            spec:
              parentRefs: [{group: "", kind: Service, name: s}]
              rules: [{backendRefs: [{name: s, port: 80}]}]
            """
        #expect(try problems("weir.dev/path-parameters: strip", route: route) == [])
        // From another namespace it is for clients there, for whom the setting holds as well.
        let consumer = route.replacing("namespace: ns}", with: "namespace: far}").replacing(
            "name: s}]", with: "name: s, namespace: ns}]")
        #expect(
            try problems("weir.dev/path-parameters: strip", route: consumer).allSatisfy { $0.id != .idleAnnotation })
    }
}
