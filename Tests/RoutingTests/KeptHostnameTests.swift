import GatewayAPI
import Testing

@testable import Routing

/// The hostnames of a GRPCRoute, which is not served, are not left to routes of broader hostnames.
@Suite struct KeptHostnameTests {
    private static let gateway = ObjectKey(namespace: "infra", name: "edge")

    private static func world(listener: String = "", annotations: String = "{}") -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge, namespace: infra, annotations: \(annotations)}
        spec:
          gatewayClassName: weir
          listeners: [{name: web, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}\(listener)}}]
        ---
        {apiVersion: v1, kind: Service, metadata: {name: web, namespace: wide},
         spec: {clusterIP: 10.96.0.10, ports: [{port: 80}]}}
        ---

        """
    }

    private static func route(
        _ kind: String, _ name: String, _ hostnames: String, path: String = "/", namespace: String = "wide"
    ) -> String {
        let match = kind == "HTTPRoute" ? "{path: {value: \(path)}}" : "{method: {service: pay.Cards}}"
        return """
            apiVersion: gateway.networking.k8s.io/v1
            kind: \(kind)
            metadata: {name: \(name), namespace: \(namespace)}
            spec:
              parentRefs: [{name: edge, namespace: infra}]
              hostnames: \(hostnames)
              rules: [{matches: [\(match)], backendRefs: [{name: web, namespace: wide, port: 80}]}]
            ---

            """
    }

    private static let wide = route("HTTPRoute", "wide", "[\"*.example.com\"]")
    private static let calls = route("GRPCRoute", "calls", "[grpc.example.com]", namespace: "pay")

    enum Answer: Equatable {
        case forwarded
        case closed
        case notFound
    }

    private func plan(_ texts: [String], scope: PlanScope = .gateway(gateway)) throws -> RoutePlan {
        RoutePlanner.plan(resources: try PlanFixture.resources(texts.joined()), scope: scope)
    }

    private func answer(_ host: String, _ path: String = "/pay.Cards/Charge", _ texts: String...) throws -> Answer {
        let plan = try plan(texts)
        let table = RouteTable(plan: plan)
        let frontend = host.withBytes { table.frontend(table.listenerGroup(80), host: $0) }
        guard frontend >= 0,
            let rule = TableFixture.matched(table, TestRequest(path, host: host), frontend: frontend)
        else { return .notFound }
        if case .closed = plan.rules[rule].action { return .closed }
        return .forwarded
    }

    private static let path = "/pay.Cards/Charge"

    @Test func routesOfABroaderHostnameDoNotGetTheCallsOfAGRPCRoute() throws {
        let every = Self.route("HTTPRoute", "every", "[]")
        for broad in [Self.wide, every] {
            #expect(try answer("grpc.example.com", Self.path, Self.world(), broad) == .forwarded)
            #expect(try answer("grpc.example.com", Self.path, Self.world(), broad, Self.calls) == .closed)
            #expect(try answer("web.example.com", Self.path, Self.world(), broad, Self.calls) == .forwarded)
        }
    }

    /// One kind of routes is in force on a hostname, and it can only be this one.
    @Test func anHTTPRouteOfTheSameHostnameIsInForce() throws {
        let own = Self.route("HTTPRoute", "own", "[grpc.example.com]", path: "/site")
        let texts = Self.world() + Self.wide + Self.calls + own
        #expect(try answer("grpc.example.com", "/site/a", texts) == .forwarded)
        #expect(try answer("grpc.example.com", Self.path, texts) == .closed)
        let all = Self.route("HTTPRoute", "own", "[grpc.example.com]", namespace: "zoo")
        #expect(try answer("grpc.example.com", Self.path, Self.world(), Self.calls, all) == .forwarded)
    }

    @Test func aGRPCRouteWithoutHostnamesKeepsNone() throws {
        let calls = Self.route("GRPCRoute", "calls", "[]", namespace: "pay")
        #expect(try answer("grpc.example.com", Self.path, Self.world(), Self.wide, calls) == .forwarded)
        #expect(try answer("grpc.example.org", Self.path, Self.world(), Self.wide, calls) == .notFound)
    }

    /// What it may not have had anyway it does not keep.
    @Test(arguments: [
        world(listener: ", kinds: [{kind: HTTPRoute}]"), world(annotations: "{weir.dev/hostnames: '*=wide'}"),
        world().replacing(
            "from: All", with: "from: Selector, selector: {matchLabels: {kubernetes.io/metadata.name: wide}}"),
        world().replacing(
            "name: web, port: 80, protocol", with: "name: web, hostname: 'grpc.example.com', port: 80, protocol"
        )
        .replacing("grpc.example.com", with: "*.example.org"),
    ])
    func whatAListenerDoesNotAllowIsNotKept(_ gateway: String) throws {
        let kept = try plan([gateway, Self.wide, Self.calls]).listeners.flatMap(\.matches).filter {
            $0.rank.root.namespace == "pay"
        }
        #expect(kept.isEmpty)
    }

    @Test func otherKindsKeepNoHostnames() throws {
        let calls = Self.calls.replacing("GRPCRoute", with: "TLSRoute")
        #expect(try answer("grpc.example.com", Self.path, Self.world(), Self.wide, calls) == .forwarded)
    }

    /// One namespace's GRPCRoutes do not fill a Gateway.
    @Test func aNamespaceKeepsAsManyHostnamesAsItMay() throws {
        let names = (0..<16).map { "h\($0).example.com" }.joined(separator: ", ")
        let many = (0...(PlanLimits.keptHostnames / 16)).map {
            Self.route("GRPCRoute", "r\($0)", "[\(names)]", namespace: "pay")
        }
        let other = Self.route("GRPCRoute", "z", "[z.example.com]", namespace: "zoo")
        let matches = try plan([Self.world()] + many + [other]).listeners.flatMap(\.matches)
        #expect(matches.count { $0.rank.root.namespace == "pay" } == PlanLimits.keptHostnames / 16)
        #expect(matches.count { $0.rank.root.namespace == "zoo" } == 1)
    }

    @Test func nothingIsSaidOfShadowedMatchesOrSharedHostnames() throws {
        let all = Self.route("HTTPRoute", "calls", "[grpc.example.com]", namespace: "zoo")
        let plan = try plan([Self.world(), Self.calls, all], scope: .cluster)
        #expect(!plan.problems.contains { [.duplicateMatch, .shadowed, .sharedHostname].contains($0.id) })
        #expect(plan.statuses.gateways[Self.gateway]?.listeners.map(\.attachedRoutes) == [1])
    }
}
