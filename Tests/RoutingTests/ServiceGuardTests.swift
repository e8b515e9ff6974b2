import GatewayAPI
import Routing
import Testing

/// A Service that a route of its namespace names is guarded, also while that route cannot be in force.
@Suite struct ServiceGuardTests {
    private static let pod = ObjectKey(namespace: "store", name: "ana")
    private static let address = IPAddress(ipv4: 0x0a4d_010a)

    private static func service(
        _ name: String = "web",
        _ spec: String = "clusterIP: 10.96.0.10, ports: [{name: http, port: 80, targetPort: 8080}]",
        annotations: String = "{}"
    ) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: \(name), namespace: store, annotations: \(annotations)}
        spec: {\(spec)}
        ---

        """
    }

    private static func slice(
        _ service: String = "web", namespace: String = "store", ports: String = "[{name: http, port: 8080}]"
    ) -> String {
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: \(service)-1, namespace: \(namespace), labels: {kubernetes.io/service-name: \(service)}}
        addressType: IPv4
        ports: \(ports)
        endpoints: [{addresses: [10.77.1.10]}]
        ---

        """
    }

    private static let rules = "rules: [{matches: [{path: {value: /orders}}], backendRefs: [{name: web, port: 80}]}]"

    private static func route(
        _ parentRefs: String = "[{group: \"\", kind: Service, name: web}]", _ rest: String = rules,
        kind: String = "HTTPRoute", namespace: String = "store"
    ) -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: \(kind)
        metadata: {name: guard, namespace: \(namespace)}
        spec:
          parentRefs: \(parentRefs)
          \(rest)
        ---

        """
    }

    /// The plan of the pod's own sidecar.
    private func plan(_ texts: String..., client: String? = nil) throws -> RoutePlan {
        let resources = try PlanFixture.resources(texts.joined())
        let scope =
            client.map { PlanScope.sidecar(pod: ObjectKey(namespace: $0, name: "client"), addresses: []) }
            ?? .sidecar(pod: Self.pod, addresses: [Self.address])
        return RoutePlanner.plan(resources: resources, scope: scope)
    }

    enum State: Equatable {
        case open
        case routed
        case closed
    }

    private func state(_ isRouted: Bool, _ matches: [PlannedMatch], _ plan: RoutePlan) -> State {
        guard isRouted else { return .open }
        let isClosed = matches.contains { if case .closed = plan.rules[$0.rule].action { true } else { false } }
        return isClosed ? .closed : .routed
    }

    /// How a pod's port stands to requests from outside the mesh.
    private func inbound(_ plan: RoutePlan, _ port: UInt16 = 8080) -> State {
        guard let planned = plan.inboundPorts.first(where: { $0.port == port }) else { return .open }
        let enforced = planned.members.filter { $0.enforcement != .off }
        let state = self.state(!enforced.isEmpty, planned.mergedMatches, plan)
        if state == .closed { #expect(planned.appProtocol == .http, "bytes must not pass") }
        return state
    }

    /// How a Service's port stands to the sidecars of its callers.
    private func outbound(_ plan: RoutePlan, _ port: UInt16 = 80, service: String = "web") -> State {
        let planned = plan.services.first { $0.service.name == service && $0.port == port }
        let state = planned.map { self.state($0.isRouted, $0.matches, plan) } ?? State.open
        if state == .closed { #expect(planned?.appProtocol == .http, "bytes must not pass") }
        return state
    }

    @Test func aRouteInForceGuardsAndNoRouteDoesNot() throws {
        let guarded = try plan(Self.service(), Self.slice(), Self.route())
        #expect(inbound(guarded) == .routed && outbound(guarded) == .routed)
        let open = try plan(Self.service(), Self.slice())
        #expect(inbound(open) == .open && outbound(open) == .open)
    }

    @Test(arguments: [
        route("[{group: \"\", kind: Service, name: web, sectionName: web}]"),
        route("[{group: \"\", kind: Service, name: web, port: 81}]"),
        route("[{group: \"\", kind: Service, name: web, port: \"80\"}]"),
        route("[{group: \"\", kind: Service, name: web, namespace: 5}]"),
        route("[{kind: Service, name: web}]"),
        route("[{group: v1, kind: Service, name: web}]"),
        route("[{group: \"\", name: web}]"),
        route("[{group: \"\", kind: 7, name: web}]"),
        route("{group: \"\", kind: Service, name: web}"),
        route("[web]"), route("web"),
        route("[{group: \"\", kind: Service}]"),
        route("[{group: \"\", kind: Service, name: [web]}]"),
        route("[" + String(repeating: "{name: edge}, ", count: 32) + "{group: \"\", kind: Service, name: web}]"),
        route("[{group: \"\", kind: Service, name: web}]", "rules: []"),
        route("[{group: \"\", kind: Service, name: web}]", "rules: {matches: []}"),
        route("[{group: \"\", kind: Service, name: web}]", "hostnames: [\"a b\"]\n  \(rules)"),
        route("[{group: \"\", kind: Service, name: web}]", "\(rules)\n  \(rules)"),
        route("[{name: edge}]", "parentRefs: [{group: \"\", kind: Service, name: web}]\n  \(rules)"),
        route("[{group: \"\", kind: Service, name: other, name: web}]"),
        route("[{group: \"\", kind: Gateway, kind: Service, name: web}]"),
    ])
    func aBrokenRouteLeavesItsServiceClosedAtBothDoors(_ route: String) throws {
        let broken = try plan(Self.service(), Self.slice(), route)
        #expect(inbound(broken) == .closed && outbound(broken) == .closed)
        #expect(outbound(try plan(Self.service(), Self.slice(), route, client: "back")) == .closed)
        #expect(broken.problems.contains { $0.object == "Service store/web" && $0.severity == .error })
        let annotation = "{weir.dev/route-enforcement: 'off'}"
        let opened = try plan(Self.service(annotations: annotation), Self.slice(), route)
        #expect(inbound(opened) == .open && outbound(opened) == .open)
        #expect(!opened.problems.contains { $0.object == "Service store/web" })
    }

    // MARK: Routes of kinds that are not served

    @Test(arguments: ["GRPCRoute", "TCPRoute", "TLSRoute"])
    func aServiceThatARouteOfAnotherKindNamesIsClosed(_ kind: String) throws {
        let undeclared = "clusterIP: 10.96.0.10, ports: [{name: main, port: 80, targetPort: 8080}]"
        let slice = Self.slice(ports: "[{name: main, port: 8080}]")
        for parent in ["{group: \"\", kind: Service, name: web}", "{group: \"\", kind: Service, name: web, port: 80}"] {
            let route = Self.route("[\(parent)]", kind: kind)
            let closed = try plan(Self.service("web", undeclared), slice, route)
            #expect(inbound(closed) == .closed && outbound(closed) == .closed)
            #expect(outbound(try plan(Self.service("web", undeclared), slice, route, client: "back")) == .closed)
            let told = closed.problems.filter { $0.object == "Service store/web" }
            #expect(told.first?.message.contains("\(kind) store/guard, which is to guard it, is of a kind") == true)
            let opened = Self.service("web", undeclared, annotations: "{weir.dev/route-enforcement: 'off'}")
            #expect(inbound(try plan(opened, slice, route)) == .open)
            #expect(outbound(try plan(opened, slice, route)) == .open)
        }
    }

    @Test func aRouteForUDPClosesNothing() throws {
        let service = Self.service(
            "web", "clusterIP: 10.96.0.10, ports: [{name: http, port: 80}, {name: dns, port: 80, protocol: UDP}]")
        let parent = "[{group: \"\", kind: Service, name: web, port: 80}]"
        let plan = try plan(service, Self.slice(), Self.route(parent, kind: "UDPRoute"))
        #expect(inbound(plan) == .open && outbound(plan) == .open)
    }

    @Test(arguments: [
        ("GRPCRoute", "tcp", State.open), ("GRPCRoute", "kubernetes.io/h2c", .closed), ("GRPCRoute", "http", .closed),
        ("TLSRoute", "http", .open), ("TLSRoute", "https", .closed), ("TCPRoute", "tcp", .closed),
        ("TCPRoute", "http", .closed),
    ])
    func aRouteForAllPortsClosesThoseThatItCanMean(
        _ kind: String, _ appProtocol: String, _ expected: State
    ) throws {
        let service = Self.service(
            "web",
            "clusterIP: 10.96.0.10, ports: [{name: a, port: 80, appProtocol: \(appProtocol)}, {name: b, port: 81}]")
        let slice = Self.slice(ports: "[{name: a, port: 8080}, {name: b, port: 8081}]")
        let plan = try plan(service, slice, Self.route(kind: kind))
        #expect(inbound(plan) == expected && outbound(plan) == expected)
        #expect(inbound(plan, 8081) == .closed && outbound(plan, 81) == .closed)
    }

    @Test(arguments: ["GRPCRoute", "TCPRoute", "TLSRoute"])
    func anHTTPRouteGuardsAPortThatARouteOfAnotherKindNamesToo(_ kind: String) throws {
        let other = Self.route(kind: kind).replacing("guard", with: "other")
        let plan = try plan(Self.service(), Self.slice(), Self.route(), other)
        #expect(inbound(plan) != .open && outbound(plan) != .open)
        #expect(plan.services.first?.matches.contains { $0.path.value == "/orders" } == true)
    }

    @Test func aRouteOfAnotherKindAndNamespaceClosesNothingButToItsOwnClients() throws {
        let parent = "[{group: \"\", kind: Service, name: web, namespace: store}]"
        let foreign = Self.route(parent, kind: "TCPRoute", namespace: "team-a")
        let own = try plan(Self.service(), Self.slice(), foreign)
        #expect(inbound(own) == .open && outbound(own) == .open)
        #expect(outbound(try plan(Self.service(), Self.slice(), foreign, client: "team-a")) == .closed)
    }

    @Test(arguments: ["mes", "OFF", "disabled", ""]) func aMisspeltAnnotationOpensNothing(_ value: String) throws {
        let annotations = "{weir.dev/route-enforcement: '\(value)'}"
        let plan = try plan(
            Self.service(annotations: annotations), Self.slice(), Self.route("[{kind: Service, name: web}]"))
        #expect(inbound(plan) == .closed && outbound(plan) == .closed)
        #expect(plan.problems.contains { $0.field.contains("route-enforcement") && $0.severity == .error })
    }

    @Test func aHeadlessServiceIsClosedAlsoToSidecarsThatDialItsPods() throws {
        let plan = try plan(
            Self.service("web", "clusterIP: None, ports: [{name: http, port: 80, targetPort: 8080}]"), Self.slice(),
            Self.route())
        #expect(inbound(plan) == .closed)
        let table = RouteTable(plan: plan)
        let port = table.inboundPort(8080)
        for host in ["web.store", "10.77.1.10"] {
            let frontend = host.withBytes { host in
                "mesh -".withBytes {
                    table.protection(port, host: host, hostPort: 0, applied: RoutedHeader.parse($0))
                }
            }
            #expect(frontend >= 0)
        }
    }

    @Test(arguments: ["tcp", "https", "kubernetes.io/h2c"])
    func aPortOfAnotherProtocolThatARouteNamesIsClosed(_ appProtocol: String) throws {
        let service = Self.service(
            "web", "clusterIP: 10.96.0.10, ports: [{name: http, port: 80, appProtocol: \(appProtocol)}]")
        for parent in ["{group: \"\", kind: Service, name: web, port: 80}", "{group: \"\", kind: Service, name: web}"] {
            let plan = try plan(service, Self.slice(), Self.route("[\(parent)]"))
            #expect(inbound(plan) == .closed && outbound(plan) == .closed)
        }
    }

    @Test func portsThatSpeakSomethingElseAreLeftAloneByARouteForAllPorts() throws {
        let service = Self.service(
            "web", "clusterIP: 10.96.0.10, ports: [{name: http, port: 80}, {name: tcp-db, port: 7000}]")
        let slice = Self.slice(ports: "[{name: http, port: 8080}, {name: tcp-db, port: 7000}]")
        let plan = try plan(service, slice, Self.route())
        #expect(inbound(plan) == .routed && outbound(plan) == .routed)
        #expect(inbound(plan, 7000) == .open && outbound(plan, 7000) == .open)
        let broken = try self.plan(service, slice, Self.route("[{group: \"\", kind: Service, name: web, port: 81}]"))
        #expect(inbound(broken) == .closed && inbound(broken, 7000) == .open)
    }

    @Test func aBrokenRouteTakesNothingFromOneInForce() throws {
        let broken = Self.route("[{group: \"\", kind: Service, name: web, port: 81}]").replacing(
            "guard", with: "broken")
        let plan = try plan(Self.service(), Self.slice(), Self.route(), broken)
        #expect(inbound(plan) == .routed && outbound(plan) == .routed)
    }

    @Test func aRouteForOnePortLeavesTheOthersOpen() throws {
        let service = Self.service(
            "web", "clusterIP: 10.96.0.10, ports: [{name: http, port: 80}, {name: more, port: 81}]")
        let slice = Self.slice(ports: "[{name: http, port: 8080}, {name: more, port: 8081}]")
        let plan = try plan(
            service, slice, Self.route("[{group: \"\", kind: Service, name: web, port: 80}]", "rules: []"))
        #expect(inbound(plan) == .closed && inbound(plan, 8081) == .open)
        #expect(outbound(plan) == .closed && outbound(plan, 81) == .open)
    }

    /// The port that a slice names is joined to the Service's by its name; the pods' port stays guarded when that
    /// fails.
    @Test(arguments: [
        "[{port: 8080}]", "[{name: web, port: 8080}]", "[{name: http}]", "[]", "[{name: http, port: 99999}]",
    ])
    func aSliceThatDoesNotJoinOpensNothing(_ ports: String) throws {
        #expect(inbound(try plan(Self.service(), Self.slice(ports: ports), Self.route())) == .routed)
        let named = Self.service("web", "clusterIP: 10.96.0.10, ports: [{name: http, port: 80, targetPort: web}]")
        guard ports.contains("8080") else { return }
        #expect(inbound(try plan(named, Self.slice(ports: ports), Self.route())) == .closed)
        #expect(inbound(try plan(Self.slice(ports: ports), Self.route())) == .closed, "the Service is missing")
    }

    @Test func aRouteOfAnotherNamespaceClosesNothingButToItsOwnClients() throws {
        let parent = "[{group: \"\", kind: Service, name: web, namespace: store, port: 81}]"
        let foreign = Self.route(parent, namespace: "team-a")
        let own = try plan(Self.service(), Self.slice(), foreign)
        #expect(inbound(own) == .open && outbound(own) == .open)
        #expect(outbound(try plan(Self.service(), Self.slice(), foreign, client: "back")) == .open)
        #expect(outbound(try plan(Self.service(), Self.slice(), foreign, client: "team-a")) == .closed)
        let nameless = Self.route("[{group: \"\", kind: Service}]", namespace: "team-a")
        #expect(inbound(try plan(Self.service(), Self.slice(), nameless)) == .open)
    }

    // MARK: Services of other namespaces

    private static let foreign =
        service(
            "x",
            "clusterIP: 10.96.0.66, ports: [{name: http, port: 80, appProtocol: http}, {name: db, port: 81, appProtocol: http}]"
        )
        .replacing("namespace: store", with: "namespace: team-a")
        + slice("x", namespace: "team-a", ports: "[{name: http, port: 8080}, {name: db, port: 7000}]")
        + route("[{group: \"\", kind: Service, name: x}]", namespace: "team-a")

    @Test func aServiceOfAnotherNamespaceChangesNothingAtThePod() throws {
        let own = [Self.service(), Self.slice(), Self.route()].joined()
        let (before, after) = (try plan(own), try plan(own, Self.foreign))
        #expect(GoldenText.plan(before).inboundLines == GoldenText.plan(after).inboundLines)
        let resources = (try PlanFixture.resources(own), try PlanFixture.resources(own + Self.foreign))
        #expect(
            RoutePlanner.inboundMembership(resources: resources.0, pod: Self.pod, addresses: [Self.address])
                == RoutePlanner.inboundMembership(resources: resources.1, pod: Self.pod, addresses: [Self.address]))
        #expect(RoutePlanner.protocolDisagreements(resources.1) == RoutePlanner.protocolDisagreements(resources.0))
        #expect(inbound(try plan(Self.foreign)) == .open)
    }
}

extension String {
    fileprivate var inboundLines: [Substring] {
        let lines = split(separator: "\n")
        return Array(lines.drop { !$0.hasPrefix("inbound") }.prefix { $0.hasPrefix("inbound") || $0.hasPrefix(" ") })
    }
}
