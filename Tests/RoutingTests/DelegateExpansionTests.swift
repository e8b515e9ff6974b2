import GatewayAPI
import Routing
import Testing

@Suite struct DelegateExpansionTests {
    static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "n", name: name) }

    static func named(_ name: String) -> BackendReference {
        BackendReference(group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: name)
    }

    static func route(
        _ name: String, _ path: String, _ refs: [BackendReference], isRoot: Bool = false, labels: [String: String] = [:]
    ) -> HTTPRoute {
        HTTPRoute(
            metadata: ObjectMeta(key: key(name), labels: labels),
            parentRefs: isRoot ? [ParentReference(name: "g")] : [],
            hostnames: [],
            rules: [HTTPRouteRule(matches: [HTTPRouteMatch(path: PathMatch(.prefix, path))], backendRefs: refs)])
    }

    static func plan(_ routes: [HTTPRoute]) -> RoutePlan {
        var resources = ResourceSet()
        resources.gateways[key("g")] = Gateway(
            metadata: ObjectMeta(key: key("g")), gatewayClassName: "weir",
            listeners: [Listener(name: "http", port: 80, listenerProtocol: "HTTP")])
        resources.services[key("s")] = Service(metadata: ObjectMeta(key: key("s")), ports: [Service.Port(port: 80)])
        for route in routes { resources.httpRoutes[route.metadata.key] = route }
        return RoutePlanner.plan(resources: resources, scope: .gateway(key("g")))
    }

    static func served(_ plan: RoutePlan) -> [String] {
        plan.listeners.flatMap(\.matches).map { match in
            let rule = plan.rules[match.rule]
            if case .fail = rule.action { return "500 \(match.path.value)" }
            return rule.origin.chain.map(\.name).joined(separator: ">") + " " + match.path.value
        }
    }

    private static let service = BackendReference(name: "s", port: 80)

    @Test func aDiamondIsLegalAndItsChildCountsOnce() {
        let plan = Self.plan([
            Self.route("root", "/", [Self.named("a"), Self.named("b")], isRoot: true),
            Self.route("a", "/x", [Self.named("leaf")]),
            Self.route("b", "/x", [Self.named("leaf")]), Self.route("leaf", "/x/y", [Self.service]),
        ])
        #expect(Self.served(plan) == ["root>a>leaf /x/y"])
        #expect(plan.problems.isEmpty)
    }

    @Test func aCycleIsCutWhereItClosesAndTheRestServes() {
        let plan = Self.plan([
            Self.route("root", "/", [Self.named("a")], isRoot: true),
            Self.route("a", "/x", [Self.named("b"), Self.named("leaf")]),
            Self.route("b", "/x", [Self.named("a")]), Self.route("leaf", "/x/y", [Self.service]),
        ])
        #expect(Self.served(plan) == ["500 /x", "root>a>leaf /x/y"])
        let conditions = plan.statuses.httpRoutes[Self.key("b")]?.first?.conditions ?? []
        #expect(conditions.contains { $0.type == "ResolvedRefs" && $0.reason == "RefNotPermitted" })
    }

    @Test func aNewLabelAttachesAChildWithoutEditingTheParent() {
        let label = BackendReference(group: "delegation.kgateway.dev", kind: "label", namespace: "all", name: "team")
        let root = Self.route("root", "/t", [label], isRoot: true)
        #expect(Self.served(Self.plan([root, Self.route("c", "/t/c", [Self.service])])) == ["500 /t"])
        let labelled = Self.route("c", "/t/c", [Self.service], labels: ["delegation.kgateway.dev/label": "team"])
        #expect(Self.served(Self.plan([root, labelled])) == ["root>c /t/c"])
    }

    @Test func aChainDeeperThanTheLimitAnswers500AtTheRootsRule() {
        let depth = PlanLimits.delegationDepth + 1
        var routes = [Self.route("root", "/", [Self.named("r0")], isRoot: true)]
        for level in 0..<depth { routes.append(Self.route("r\(level)", "/", [Self.named("r\(level + 1)")])) }
        routes.append(Self.route("r\(depth)", "/", [Self.service]))
        #expect(Self.served(Self.plan(routes)) == ["500 /"])
    }

    @Test func anExponentialLatticeIsPlannedInLinearWork() {
        var routes = [Self.route("root", "/", [Self.named("a0"), Self.named("b0")], isRoot: true)]
        for level in 0..<40 {
            for side in ["a", "b"] {
                routes.append(
                    Self.route("\(side)\(level)", "/", [Self.named("a\(level + 1)"), Self.named("b\(level + 1)")]))
            }
        }
        routes += ["a40", "b40"].map { Self.route($0, "/leaf", [Self.service]) }
        #expect(Self.served(Self.plan(routes)).count == 2)
    }

    @Test func aMultiplyingLatticeIsCutOffWith500() {
        var routes = [Self.route("root", "/", [Self.named("r1")], isRoot: true)]
        for level in 1...8 {
            var route = Self.route("r\(level)", "/", [level == 8 ? Self.service : Self.named("r\(level + 1)")])
            route.metadata.annotations["delegation.kgateway.dev/inherit-parent-matcher"] = "true"
            route.rules[0].matches = (0..<64).map { HTTPRouteMatch(path: PathMatch(.prefix, "/p\($0)")) }
            routes.append(route)
        }
        #expect(Self.served(Self.plan(routes)) == ["500 /"])
    }

    @Test func aPartlyServedParentKeepsThe500OnWhatNoChildCovers() {
        var root = Self.route("root", "/a", [Self.named("c")], isRoot: true)
        root.rules[0].matches.append(HTTPRouteMatch(path: PathMatch(.prefix, "/b")))
        let plan = Self.plan([root, Self.route("c", "/a/c", [Self.service])])
        #expect(Set(Self.served(plan)) == ["root>c /a/c", "500 /b"])
    }
}
