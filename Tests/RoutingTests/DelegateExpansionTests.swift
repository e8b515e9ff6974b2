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

    private static func below(_ namespace: String, _ route: HTTPRoute, created: Int64? = nil) -> HTTPRoute {
        var route = route
        route.metadata.key = ObjectKey(namespace: namespace, name: route.metadata.key.name)
        route.metadata.creationTimestamp = created
        return route
    }

    /// A root delegates to two namespaces, one of which multiplies without end.
    @Test func whatOneNamespaceMultipliesLeavesTheOthersServed() {
        let group = "gateway.networking.k8s.io"
        let everybody = ["hostile", "calm"].map {
            BackendReference(group: group, kind: "HTTPRoute", namespace: $0, name: "top")
        }
        let root = Self.route("root", "/", everybody, isRoot: true)
        var routes = [root, Self.below("calm", Self.route("top", "/calm", [Self.service]))]
        for level in 0...6 {
            let next = BackendReference(group: group, kind: "HTTPRoute", name: level == 6 ? "none" : "r\(level + 1)")
            var route = Self.below("hostile", Self.route(level == 0 ? "top" : "r\(level)", "/", [next]))
            route.metadata.annotations["delegation.kgateway.dev/inherit-parent-matcher"] = "true"
            route.rules[0].matches = (0..<64).map { HTTPRouteMatch(path: PathMatch(.prefix, "/p\($0)")) }
            routes.append(route)
        }
        let plan = Self.plan(routes)
        #expect(Set(Self.served(plan)) == ["root>top /calm", "500 /"])
        #expect(plan.rules.contains { $0.origin.chain.last == ObjectKey(namespace: "calm", name: "top") })
        let status = plan.statuses.httpRoutes[ObjectKey(namespace: "hostile", name: "top")]?.first
        #expect(
            status?.conditions.contains { $0.type == "Accepted" && !$0.status && $0.message.contains("hostile") }
                == true)
        let calm = plan.statuses.httpRoutes[ObjectKey(namespace: "calm", name: "top")]?.first
        #expect(calm?.conditions.contains { $0.type == "Accepted" && $0.status } == true)
    }

    @Test func theNewestOfANamespacesChildrenAreLeftOut() {
        var root = Self.route(
            "root", "/", [BackendReference(group: "delegation.kgateway.dev", kind: "label", name: "l")], isRoot: true)
        root.rules[0].matches = (0..<64).map { HTTPRouteMatch(path: PathMatch(.prefix, "/m\($0)")) }
        // 64 x 64 matches each: eight are as many as fit.
        let children = (0..<10).map { number in
            var child = Self.below(
                "n", Self.route("c\(9 - number)", "/", [Self.service], labels: ["delegation.kgateway.dev/label": "l"]),
                created: Int64(number + 1))
            child.metadata.annotations["delegation.kgateway.dev/inherit-parent-matcher"] = "true"
            child.rules[0].matches = (0..<64).map { HTTPRouteMatch(path: PathMatch(.prefix, "/c\(number)p\($0)")) }
            return child
        }
        let plan = Self.plan([root] + children)
        let serving = Set(
            plan.listeners.flatMap(\.matches).map { plan.rules[$0.rule].origin.chain }.filter { $0.count > 1 }.map {
                $0[1].name
            })
        #expect(serving == Set((2...9).map { "c\($0)" }))
        // What is left out is closed, not open.
        #expect(Self.served(plan).contains("500 /m0"))
    }
}
