import GatewayAPI
import Testing

@testable import Routing

@Suite("What is laid out at frontends has a total, and who has most gives way")
struct FrontendRoomTests {
    private static let gateway = ObjectKey(namespace: "infra", name: "edge")
    private static let redirect = HTTPRouteFilter.requestRedirect(
        RequestRedirect(hostname: "answered.example.com", statusCode: 302))

    /// 64 matches of 17 entries each.
    private static let heavy = (0..<64).map { path in
        HTTPRouteMatch(
            path: PathMatch(.prefix, "/\(path)"), headers: (0..<16).map { ValueMatch(name: "h\($0)", value: "v") })
    }

    private func route(
        _ name: String, in namespace: String, created: Int64, _ matches: [HTTPRouteMatch],
        to parents: [ParentReference]? = nil
    ) -> HTTPRoute {
        HTTPRoute(
            metadata: ObjectMeta(key: ObjectKey(namespace: namespace, name: name), creationTimestamp: created),
            parentRefs: parents
                ?? [ParentReference(namespace: Self.gateway.namespace, name: Self.gateway.name)], hostnames: [],
            rules: [HTTPRouteRule(matches: matches, filters: [Self.redirect])])
    }

    /// Of 64 listeners, so that each entry of a route counts 64 times.
    private func plan(_ routes: [HTTPRoute]) -> RoutePlan {
        var resources = ResourceSet()
        resources.gateways[Self.gateway] = Gateway(
            metadata: ObjectMeta(key: Self.gateway), gatewayClassName: "weir",
            listeners: (0..<64).map {
                Listener(
                    name: "l\($0)", port: UInt16(8000 + $0), listenerProtocol: "HTTP", allowedNamespaces: .all)
            })
        for route in routes { resources.httpRoutes[route.metadata.key] = route }
        return RoutePlanner.plan(resources: resources, scope: .gateway(Self.gateway))
    }

    private func served(_ plan: RoutePlan) -> Set<String> {
        let matches = plan.listeners.flatMap(\.matches)
        return Set(matches.filter { !plan.rules[$0.rule].action.isFailure }.map(\.rank.owner.description))
    }

    private func accepted(_ plan: RoutePlan, _ route: String, in namespace: String) -> Condition? {
        plan.statuses.httpRoutes[ObjectKey(namespace: namespace, name: route)]?.first?.conditions.first {
            $0.type == "Accepted"
        }
    }

    @Test("listeners multiply: the newest route of a namespace answers 500 for its paths, and says so")
    func listeners() throws {
        let routes = (0..<4).map { route("r\($0)", in: "team", created: Int64($0), Self.heavy) }
        let other = route("other", in: "another", created: 9, [HTTPRouteMatch(path: PathMatch(.prefix, "/other"))])
        let plan = plan(routes + [other])
        #expect(served(plan) == ["team/r0", "team/r1", "team/r2", "another/other"])
        let refused = plan.listeners[0].matches.filter { $0.rank.owner.name == "r3" }
        #expect(refused.count == 64 && refused.allSatisfy { $0.headers.isEmpty && $0.isUndecided })
        let condition = try #require(accepted(plan, "r3", in: "team"))
        #expect(!condition.status && condition.message.contains("262144"))
        #expect(plan.problems.contains { $0.id == .budget && $0.object == "HTTPRoute team/r3" })
        #expect(accepted(plan, "r2", in: "team")?.status == true)
    }

    @Test("beyond the total those give way who have most, and a small namespace never")
    func fairness() throws {
        let greedy = ["a", "b", "c"].flatMap { namespace in
            (0..<3).map { route("r\($0)", in: namespace, created: Int64($0), Self.heavy) }
        }
        let small = route("new", in: "small", created: 1_000, Array(Self.heavy.prefix(4)))
        let plan = plan(greedy + [small])
        #expect(
            served(plan) == ["a/r0", "a/r1", "b/r0", "b/r1", "c/r0", "c/r1", "small/new"],
            "each of the three has two of its routes, the oldest")
        let condition = try #require(accepted(plan, "r2", in: "c"))
        #expect(condition.message.contains("524288"))
        #expect(!condition.message.contains("namespace a"), "a tenant is not told of others")
        let count = plan.listeners.map(\.matches.count).reduce(0, +)
        #expect(count < 40_960)
    }

    @Test("what a path alone says is answered 500 for everybody; of more than a path it is not known for whom")
    func paths() {
        let plain = (0..<64).flatMap { path in
            [PathMatch(.prefix, "/\(path)"), PathMatch(.exact, "/\(path)/x")].map { HTTPRouteMatch(path: $0) }
        }
        var routes = (0..<3).map { route("r\($0)", in: "team", created: Int64($0), Self.heavy) }
        routes += (0..<8).map { route("plain\($0)", in: "team", created: Int64(10 + $0), plain) }
        let refused = plan(routes).listeners[0].matches.filter { $0.rank.owner.name == "plain7" }
        #expect(refused.count == 128 && refused.allSatisfy { !$0.isUndecided })
    }

    @Test("so many that not even their paths have room are not attached")
    func notAttached() throws {
        let routes = (0..<24).map { route("r\($0 + 10)", in: "team", created: Int64($0), Self.heavy) }
        let plan = plan(routes)
        let condition = try #require(accepted(plan, "r33", in: "team"))
        #expect(!condition.status && condition.message.contains("not attached"))
        #expect(plan.listeners[0].matches.allSatisfy { $0.rank.owner.name != "r33" })
        let count = plan.listeners.map(\.matches.count).reduce(0, +)
        #expect(count <= 45_056, "three routes, and the paths of eight")
    }

    // MARK: Services

    private func service(_ name: String, in namespace: String, created: Int64 = 0, ports: Int) -> Service {
        Service(
            metadata: ObjectMeta(key: ObjectKey(namespace: namespace, name: name), creationTimestamp: created),
            clusterIPs: [IPAddress(ipv4: 0x0a60_0000 + name.utf8.reduce(0) { $0 &* 31 &+ UInt32($1) })],
            ports: (0..<ports).map { Service.Port(name: "p\($0)", port: UInt16(1 + $0)) })
    }

    @Test("ports of a Service that have the same routes have them once")
    func ports() {
        var resources = ResourceSet()
        let key = ObjectKey(namespace: "team", name: "s")
        resources.services[key] = service("s", in: "team", ports: 1_000)
        let parent = ParentReference(group: "", kind: "Service", name: "s")
        let route = route("r", in: "team", created: 0, Array(Self.heavy.prefix(8)), to: [parent])
        resources.httpRoutes[route.metadata.key] = route
        let plan = RoutePlanner.plan(
            resources: resources, scope: .sidecar(pod: ObjectKey(namespace: "clients", name: "pod"), addresses: []))
        #expect(plan.services.count == 1_000)
        var layout = TableLayout(plan: plan, expressions: ExpressionCache())
        layout.layOut()
        #expect(layout.matches.count == 8)
        #expect(Set(layout.frontends.filter(\.isRouted).map(\.space)).count == 1)
    }

    @Test("of the routes at a Service the newest answer 500, other Services' stay")
    func service() throws {
        var resources = ResourceSet()
        for name in ["s", "t"] {
            resources.services[ObjectKey(namespace: "team", name: name)] = service(name, in: "team", ports: 1)
        }
        for number in 0..<16 {
            let parent = ParentReference(group: "", kind: "Service", name: "s")
            let added = route("r\(number + 10)", in: "team", created: Int64(number), Self.heavy, to: [parent])
            resources.httpRoutes[added.metadata.key] = added
        }
        let parent = ParentReference(group: "", kind: "Service", name: "t")
        let other = route("z", in: "team", created: 100, [HTTPRouteMatch(path: PathMatch(.prefix, "/z"))], to: [parent])
        resources.httpRoutes[other.metadata.key] = other
        let scopes: [PlanScope] = [
            .cluster, .sidecar(pod: ObjectKey(namespace: "clients", name: "pod"), addresses: []),
        ]
        for scope in scopes {
            let plan = RoutePlanner.plan(resources: resources, scope: scope)
            let served = plan.services.flatMap(\.matches).filter { !plan.rules[$0.rule].action.isFailure }
            #expect(
                Set(served.map(\.rank.owner.name)) == Set((10..<25).map { "r\($0)" } + ["z"]),
                "15 of 1,088 entries fit into 16,384")
            #expect(accepted(plan, "r25", in: "team")?.message.contains("at Service team/s") == true)
        }
    }

    @Test("a namespace with very many ports has its newest Services left out, others have all")
    func frontends() {
        var resources = ResourceSet()
        for number in 0..<70 {
            let added = service("s\(number + 10)", in: "hostile", created: Int64(number), ports: 1_000)
            resources.services[added.metadata.key] = added
        }
        let own = service("own", in: "team", created: 1_000, ports: 2)
        resources.services[own.metadata.key] = own
        let directory = ServiceDirectory(resources.services)
        #expect(directory.count == 65_002)
        #expect(!directory.entries(of: own.metadata.key).isEmpty)
        #expect(directory.entries(of: ObjectKey(namespace: "hostile", name: "s79")).isEmpty)
        let plan = RoutePlanner.plan(resources: resources, scope: .cluster)
        #expect(plan.problems.contains { $0.id == .budget && $0.object == "Service hostile/s79" })
        resources.services[ObjectKey(namespace: "hostile", name: "s10")] = nil
        let after = directory.updating([ObjectKey(namespace: "hostile", name: "s10")], in: resources.services)
        #expect(!after.entries(of: ObjectKey(namespace: "hostile", name: "s75")).isEmpty, "there is room for one more")
    }
}

@Suite("Namespaces below a root share what it may multiply, and who asks for most gives way")
struct DelegationShareTests {
    private static let gateway = ObjectKey(namespace: "platform", name: "edge")

    private func child(_ name: String, in namespace: String, created: Int64, rules: [HTTPRouteRule]) -> HTTPRoute {
        HTTPRoute(
            metadata: ObjectMeta(
                key: ObjectKey(namespace: namespace, name: name), labels: [Delegation.label: "teams"],
                creationTimestamp: created), parentRefs: [], hostnames: [], rules: rules)
    }

    private static func modifier(_ tag: String) -> HeaderModifier {
        HeaderModifier(
            set: (0..<16).map { HeaderModifier.Field(name: "s\($0)-\(tag)", value: "v") },
            add: (0..<16).map { HeaderModifier.Field(name: "a\($0)-\(tag)", value: "v") },
            remove: (0..<16).map { "r\($0)-\(tag)" })
    }

    /// 16 rules with as many header changes as there can be.
    private static func hostile(_ tag: String) -> [HTTPRouteRule] {
        (0..<16).map { rule in
            HTTPRouteRule(
                matches: [HTTPRouteMatch(path: PathMatch(.prefix, "/\(tag)/\(rule)"))],
                filters: [.requestHeaderModifier(modifier("own")), .responseHeaderModifier(modifier("own"))],
                backendRefs: (0..<16).map { _ in
                    BackendReference(
                        name: "s", port: 80,
                        filters: [.requestHeaderModifier(modifier("ref")), .responseHeaderModifier(modifier("ref"))])
                })
        }
    }

    @Test("five namespaces that ask for all they may have leave a sixth what it asks for")
    func fairness() {
        var resources = ResourceSet()
        resources.gateways[Self.gateway] = Gateway(
            metadata: ObjectMeta(key: Self.gateway), gatewayClassName: "weir",
            listeners: [Listener(name: "http", port: 80, listenerProtocol: "HTTP")])
        let root = HTTPRoute(
            metadata: ObjectMeta(key: ObjectKey(namespace: "platform", name: "root")),
            parentRefs: [ParentReference(name: "edge")], hostnames: [],
            rules: [
                HTTPRouteRule(
                    matches: [HTTPRouteMatch(path: PathMatch(.prefix, "/"))],
                    backendRefs: [
                        BackendReference(
                            group: Delegation.group, kind: "label", namespace: Delegation.everyNamespace, name: "teams")
                    ])
            ])
        var routes = [root]
        for namespace in 0..<5 {
            for number in 0..<5 {
                let tag = "h\(namespace)-\(number)"
                routes.append(
                    child(tag, in: "hostile\(namespace)", created: Int64(number), rules: Self.hostile(tag)))
            }
        }
        routes.append(child("new", in: "small", created: 1_000, rules: Array(Self.hostile("small").prefix(8))))
        for route in routes { resources.httpRoutes[route.metadata.key] = route }
        let plan = RoutePlanner.plan(resources: resources, scope: .gateway(Self.gateway))
        let served = Set(
            plan.listeners.flatMap(\.matches).filter { !plan.rules[$0.rule].action.isFailure }
                .map(\.rank.owner.description))
        #expect(served.contains("small/new"))
        #expect(served.contains("hostile4/h4-0"), "each has its oldest")
        #expect(!served.contains("hostile0/h0-4") && !served.contains("hostile4/h4-4"), "none has its newest")
        let left = plan.statuses.httpRoutes[ObjectKey(namespace: "hostile0", name: "h0-4")]?.first
        #expect(left?.conditions.contains { $0.type == "Accepted" && !$0.status } == true)
    }
}
