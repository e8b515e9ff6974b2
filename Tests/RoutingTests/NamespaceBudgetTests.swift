import GatewayAPI
import Testing

@testable import Routing

@Suite("A namespace's routes have a budget, beyond which its newest ones answer 500")
struct NamespaceBudgetTests {
    private static let gateway = ObjectKey(namespace: "infra", name: "edge")

    private func route(
        _ name: String, in namespace: String = "team", created: Int64, _ matches: [HTTPRouteMatch],
        hostnames: [String] = []
    ) -> HTTPRoute {
        let parent = ParentReference(namespace: Self.gateway.namespace, name: Self.gateway.name)
        return HTTPRoute(
            metadata: ObjectMeta(key: ObjectKey(namespace: namespace, name: name), creationTimestamp: created),
            parentRefs: [parent], hostnames: hostnames,
            rules: [
                HTTPRouteRule(
                    matches: matches,
                    filters: [.requestRedirect(RequestRedirect(hostname: "answered.example.com", statusCode: 302))])
            ])
    }

    private func expressions(_ count: Int, _ tag: String) -> [HTTPRouteMatch] {
        (0..<count).map {
            HTTPRouteMatch(path: PathMatch(.regularExpression, "/\(tag)/\($0)/[a-z]{700}"))
        }
    }

    private func plan(_ routes: [HTTPRoute]) -> RoutePlan {
        var resources = ResourceSet()
        resources.gateways[Self.gateway] = Gateway(
            metadata: ObjectMeta(key: Self.gateway), gatewayClassName: "weir",
            listeners: [Listener(name: "http", port: 80, listenerProtocol: "HTTP", allowedNamespaces: .all)])
        for route in routes { resources.httpRoutes[route.metadata.key] = route }
        return RoutePlanner.plan(resources: resources, scope: .gateway(Self.gateway))
    }

    /// Names of the routes whose matches all answer 500.
    private func failing(_ plan: RoutePlan) -> Set<String> {
        let matches = plan.listeners.flatMap(\.matches)
        let served = matches.filter { match in
            if case .redirect = plan.rules[match.rule].action { true } else { false }
        }
        return Set(matches.map(\.rank.owner.name)).subtracting(served.map(\.rank.owner.name))
    }

    @Test("the newest routes with expressions answer 500, older ones and other namespaces' are served")
    func expressionsOfANamespace() {
        // The names are in the opposite order of the ages.
        let routes = (0..<6).map { route("r\(9 - $0)", created: Int64($0), expressions(20, "r\($0)")) }
        let others = [
            route("plain", created: 100, [HTTPRouteMatch(path: PathMatch(.prefix, "/plain"))]),
            route("other", in: "another", created: 100, expressions(20, "other")),
        ]
        let plan = plan(routes + others)
        #expect(failing(plan) == ["r5", "r4"])
        let status = plan.statuses.httpRoutes[ObjectKey(namespace: "team", name: "r4")]?.first
        let accepted = status?.conditions.first { $0.type == "Accepted" }
        #expect(accepted?.status == false)
        #expect(accepted?.message.contains("\(ExpressionLimits.namespaceCost)") == true)
    }

    @Test("a route whose own expressions are too many answers 500, and takes no newer one with it")
    func expressionsOfARoute() {
        let plan = plan([
            route("many", created: 1, expressions(40, "many")), route("newer", created: 2, expressions(2, "newer")),
        ])
        #expect(failing(plan) == ["many"])
    }

    @Test("an expression that is used again costs nothing again")
    func repeated() {
        let plan = plan((0..<50).map { route("r\($0)", created: Int64($0), expressions(20, "same")) })
        #expect(failing(plan).isEmpty)
    }

    @Test("hostnames multiply matches")
    func entries() {
        let hostnames = (0..<16).map { "h\($0).example.com" }
        let matches = (0..<128).map {
            HTTPRouteMatch(path: PathMatch(.prefix, "/\($0)"), headers: [ValueMatch(name: "x", value: "y")])
        }
        let plan = plan((0..<34).map { route("r\($0)", created: Int64($0), matches, hostnames: hostnames) })
        #expect(failing(plan) == ["r31", "r32", "r33"])
    }

    @Test("an expression that is too large answers 500 alone")
    func oneExpression() {
        let large = HTTPRouteMatch(path: PathMatch(.regularExpression, "/x[a-z]{999}[a-z]{999}"))
        let plan = plan([route("r", created: 1, [large, HTTPRouteMatch(path: PathMatch(.prefix, "/y"))])])
        #expect(failing(plan).isEmpty)
        #expect(plan.listeners[0].matches.filter(\.isUndecided).count == 1)
        let conditions = plan.statuses.httpRoutes[ObjectKey(namespace: "team", name: "r")]?.first?.conditions ?? []
        let partly = conditions.first { $0.type == "PartiallyInvalid" }
        #expect(partly?.message.contains("the limit is \(ExpressionLimits.programSize)") == true)
    }
}
