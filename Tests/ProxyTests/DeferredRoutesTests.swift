import Balancing
import GatewayAPI
import Telemetry
import Testing

@testable import Proxy
@testable import Reactor
@testable import Routing

/// A sidecar compiles the routes of Services that its pod calls, and of no others.
@Suite struct DeferredRoutesTests {
    private static let mine = ObjectKey(namespace: "mine", name: "cart")
    private static let theirs = ObjectKey(namespace: "theirs", name: "heavy")
    private static let loopback = IPAddress(ipv4: 0x7f00_0001)

    private func resources(_ port: UInt16 = 80) -> ResourceSet {
        var resources = ResourceSet()
        for (number, key) in [Self.mine, Self.theirs].enumerated() {
            resources.services[key] = Service(
                metadata: ObjectMeta(key: key),
                clusterIPs: [number == 0 ? Self.loopback : IPAddress(ipv4: 0x0a60_0002)],
                ports: [Service.Port(name: "http", port: port)])
            let pattern = key == Self.mine ? "/v[0-9]+" : "/(.*[ab].{400}x)"
            resources.httpRoutes[key] = HTTPRoute(
                metadata: ObjectMeta(key: key),
                parentRefs: [ParentReference(group: "", kind: "Service", name: key.name)], hostnames: [],
                rules: [
                    HTTPRouteRule(
                        matches: [HTTPRouteMatch(path: PathMatch(.regularExpression, pattern))],
                        filters: [.requestRedirect(RequestRedirect(hostname: "\(key.name).example.com"))])
                ])
        }
        return resources
    }

    private func builder(addresses: [IPAddress] = []) -> SnapshotBuilder {
        SnapshotBuilder(
            scope: .sidecar(pod: ObjectKey(namespace: "mine", name: "pod"), addresses: addresses),
            names: MetricNames(), defersRoutes: true)
    }

    private func build(_ builder: SnapshotBuilder, _ resources: ResourceSet) -> Snapshot {
        builder.build(resources, changed: []) { _ in [] }
    }

    @Test func routesOfServicesThatNobodyCallsCostNoProgram() {
        let builder = builder()
        let resources = resources()
        let first = build(builder, resources)
        #expect(first.routes.ruleCount == 0 && first.routes.expressions.count == 0)
        #expect(builder.latestPlan.problems.isEmpty)
        #expect(builder.call([Self.mine]))
        #expect(!builder.call([Self.mine]))
        let second = build(builder, resources)
        #expect(second.routes.ruleCount == 1 && second.routes.expressions.count == 1)
        let theirs = second.routes.frontend(second.routes.service(Self.theirs, port: 80))
        #expect(theirs.isRouted && theirs.isDeferred)
    }

    @Test func routesOfThePodsOwnServicesAreCompiledFromTheStart() {
        var resources = resources()
        let address = IPAddress(ipv4: 0x0a00_0001)
        let slice = ObjectKey(namespace: "mine", name: "slice")
        resources.endpointSlices[slice] = EndpointSlice(
            metadata: ObjectMeta(key: slice), serviceName: Self.mine.name, ports: [.init(name: "http", port: 8080)],
            endpoints: [.init(address: address)])
        let snapshot = build(builder(addresses: [address]), resources)
        #expect(snapshot.routes.mergedFrontend(snapshot.routes.inboundPort(8080)) >= 0)
        #expect(snapshot.routes.ruleCount == 1)
    }

    private func proxy(
        _ snapshot: Snapshot, port: UInt16, limits: ProxyLimits = .patient
    ) throws -> (TestProxy, Peer) {
        let proxy = try TestProxy(
            limits: limits, mode: .sidecar(outbound: .none, inbound: .none, podAddresses: []))
        let destination = SocketAddress(high: 0, low: 0x7f00_0001, port: port, isIPv6: false)
        let client = try proxy.admit(.outbound, destination: destination, snapshot) { $0.enterHTTP($1) }
        try proxy.start(snapshot)
        return (proxy, client)
    }

    @Test func aRequestWaitsForItsServicesRoutes() throws {
        let builder = builder()
        let resources = resources()
        let (proxy, client) = try proxy(build(builder, resources), port: 80)
        // The second one has to stay behind the first, and its body with it.
        try client.send(
            "GET /v1 HTTP/1.1\r\nHost: cart\r\n\r\nPOST /v2 HTTP/1.1\r\nHost: cart\r\nContent-Length: 3\r\n\r\nabc")
        var asked: Set<ObjectKey> = []
        #expect(
            eventually {
                asked.formUnion(proxy.demand.takeRouted())
                return asked == [Self.mine]
            })
        #expect(builder.call(asked))
        proxy.publish(build(builder, resources))
        for path in ["/v1", "/v2"] {
            let head = try client.takeHead()
            #expect(head.hasPrefix("HTTP/1.1 302") && head.contains("location: http://cart.example.com\(path)"))
        }
        #expect(proxy.shard.value(.discoveryWaits) == 1 && proxy.shard.value(.discoveryTimeouts) == 0)
        #expect(eventually { proxy.shard.value(.requestsActive, .outbound) == 0 })
    }

    @Test func aServiceWithRoutesIsNeverReachedWithoutThem() throws {
        let cluster = try TestServer()
        var limits = ProxyLimits.patient
        limits.discoveryWait = 20 * ProxyLimits.millisecond
        let (proxy, client) = try proxy(build(builder(), resources(cluster.port)), port: cluster.port, limits: limits)
        try client.send("GET /v1 HTTP/1.1\r\nHost: cart\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 503 "))
        #expect(!cluster.hasVisitor)
        #expect(proxy.shard.value(.discoveryTimeouts) == 1)
    }

    @Test func aClientThatLeavesMeanwhileLeavesNothingBehind() throws {
        let builder = builder()
        let (proxy, client) = try proxy(build(builder, resources()), port: 80)
        try client.send("GET /v1 HTTP/1.1\r\nHost: cart\r\n\r\n")
        #expect(eventually { proxy.shard.value(.discoveryWaits) == 1 })
        client.reset()
        #expect(eventually { proxy.shard.value(.connectionsActive, .outbound) == 0 })
        #expect(proxy.shard.value(.requestsActive, .outbound) == 0)
    }

    @Test func aPodThatCallsEverythingPaysForWhatItCalledLast() {
        var called = CalledServices()
        func key(_ number: Int) -> ObjectKey { ObjectKey(namespace: "n", name: "s\(number)") }
        for number in 0..<(CalledServices.limit + 10) { _ = called.add([key(number)]) }
        #expect(called.keys.count == CalledServices.limit)
        #expect(!called.keys.contains(key(9)) && called.keys.contains(key(10)))
        // What is still called stays, however long ago that began.
        called.use([key(10), key(3)])
        for number in 2_000..<2_002 { _ = called.add([key(number)]) }
        #expect(called.keys.contains(key(10)) && !called.keys.contains(key(3)))
        #expect(!called.keys.contains(key(11)) && !called.keys.contains(key(12)))
        #expect(called.keys.count == CalledServices.limit)
    }
}
