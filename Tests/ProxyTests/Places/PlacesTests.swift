import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

/// A worker whose places are all taken.
@Suite struct PlacesTests {
    private static let request = "GET /app HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// Places that nobody has to be idle for a while to lose.
    private func limits(_ places: Int) -> ProxyLimits {
        var limits = ProxyLimits.patient
        limits.connectionsPerWorker = places
        limits.evictionGrace = 1
        return limits
    }

    private func exchange(_ client: Peer, _ server: TestServer) throws -> Peer {
        try client.send(PlacesTests.request)
        let endpoint = try server.accept()
        try answer(client, endpoint)
        return endpoint
    }

    private func answer(_ client: Peer, _ endpoint: Peer) throws {
        _ = try endpoint.takeHead()
        try endpoint.send(PlacesTests.answer)
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200"))
        _ = try client.take(2)
    }

    @Test func anIdlePooledConnectionMakesRoomForOneThatIsNeeded() throws {
        let servers = try (0..<6).map { _ in try TestServer() }
        let proxy = try TestProxy(limits: limits(2))
        let client = try proxy.client()
        var endpoints: [Peer] = []
        var plan = TestPlan(endpoints: [])
        // Numbers of endpoints that no snapshot has any more are given to others.
        var snapshots: [Snapshot] = []
        for (position, server) in servers.enumerated() {
            plan.endpoints = [server.port]
            let snapshot = plan.gateway(version: UInt64(position + 1))
            snapshots.append(snapshot)
            if position == 0 { try proxy.start(snapshot) } else { proxy.publish(snapshot) }
            #expect(eventually { proxy.worker.control.adoptedVersion == snapshot.version })
            endpoints.append(try exchange(client, server))
        }
        #expect(proxy.shard.value(.idleEndpoint) == 4)
        try endpoints[0].awaitEnd()
        endpoints[5].readAvailable()
        #expect(!endpoints[5].sawEnd, "the longest idle went first")
    }

    @Test func theClientThatHasBeenIdleLongestGoesForANewcomer() throws {
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits(2))
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let (first, second) = (try proxy.client(), try proxy.client())
        let endpoint = try exchange(first, server)
        try second.send(PlacesTests.request)
        try answer(second, endpoint)
        let third = try proxy.client()
        try third.send(PlacesTests.request)
        try answer(third, endpoint)
        try first.awaitEnd()
        second.readAvailable()
        #expect(!second.sawEnd && !second.sawReset)
        #expect(proxy.shard.value(.idleClient) == 1)
    }

    @Test func aClientThatHasSaidNothingGoesAfterThoseThatAreIdleAndOneWithHalfAHeadIsTold() throws {
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits(2))
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let half = try proxy.client()
        try half.send("GET /app HT")
        let silent = try proxy.client()
        #expect(eventually { proxy.shard.value(.connectionsActive, .gateway) == 2 })
        let (third, fourth) = (try proxy.client(), try proxy.client())
        try third.send(PlacesTests.request)
        let held = try server.accept()
        try silent.awaitEnd()
        try fourth.send(PlacesTests.request)
        let other = try server.accept()
        #expect(try half.takeText().hasPrefix("HTTP/1.1 503"))
        for (client, endpoint) in [(third, held), (fourth, other)] { try answer(client, endpoint) }
    }

    @Test func aRequestThatIsServedIsNeverCutAndTheNewcomerWaits() throws {
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits(1))
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let busy = try proxy.client()
        try busy.send(PlacesTests.request)
        let endpoint = try server.accept()
        let newcomer = try proxy.client()
        try newcomer.send(PlacesTests.request)
        #expect(eventually { proxy.shard.value(.placeWaits, .gateway) == 1 })
        try answer(busy, endpoint)
        try answer(newcomer, endpoint)
        #expect(proxy.shard.value(.overloadRefusals) == 0)
    }

    @Test func beyondThoseThatWaitNewcomersStayWithTheKernelAndAreServedInTheEnd() throws {
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits(1))
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let busy = try proxy.client()
        try busy.send(PlacesTests.request)
        let endpoint = try server.accept()
        let count = Worker.newcomersPerDoor + 8
        let newcomers = try (0..<count).map { _ in try proxy.client() }
        #expect(eventually { proxy.shard.value(.placeWaits, .gateway) == UInt64(Worker.newcomersPerDoor) })
        try answer(busy, endpoint)
        for newcomer in newcomers {
            try newcomer.send(PlacesTests.request)
            try answer(newcomer, endpoint)
        }
        #expect(proxy.shard.value(.overloadRefusals) == 0)
    }

    @Test func whoHasManyPlacesInUseDoesNotGetTheLastOnes() throws {
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits(16))
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        var busy: [(Peer, Peer)] = []
        for _ in 0..<14 {
            let client = try proxy.client()
            try client.send(PlacesTests.request)
            busy.append((client, try server.accept()))
        }
        var waiting = try (0..<8).map { _ in try proxy.client() }
        #expect(eventually { proxy.shard.value(.placeWaits, .gateway) == 8 })
        let stranger = try Peer(connectingTo: proxy.port, from: 0x7f00_0002)
        try stranger.send(PlacesTests.request)
        try answer(stranger, try server.accept())
        #expect(proxy.shard.value(.overloadRefusals) == 0)
        // Now that there are others, those who wait in vain are turned away rather than keep them from the door.
        waiting += try (0..<Worker.newcomersPerDoor).map { _ in try proxy.client() }
        #expect(eventually { proxy.shard.value(.overloadRefusals) > 0 })
        let other = try Peer(connectingTo: proxy.port, from: 0x7f00_0003)
        try other.send(PlacesTests.request)
        try answer(other, try server.accept())
        for (client, endpoint) in busy { try answer(client, endpoint) }
        withExtendedLifetime(waiting) {}
    }

    /// So many clients of one address with a request each that is being served.
    private func occupy(
        _ count: Int, of proxy: TestProxy, _ server: TestServer, from source: UInt32 = 0x7f00_0001
    ) throws -> [(client: Peer, endpoint: Peer)] {
        try (0..<count).map { _ in
            let client = try Peer(connectingTo: proxy.port, from: source)
            try client.send(PlacesTests.request)
            return (client, try server.accept())
        }
    }

    @Test func oneAddressDoesNotCloseTheDoorToThoseWhoHaveNoConnectionYet() throws {
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits(16))
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let busy = try occupy(14, of: proxy, server)
        let waiting = try (0..<Worker.newcomersPerDoor + 8).map { _ in try proxy.client() }
        let stranger = try Peer(connectingTo: proxy.port, from: 0x7f00_0002)
        try stranger.send(PlacesTests.request)
        try answer(stranger, try server.accept())
        for (client, endpoint) in busy { try answer(client, endpoint) }
        withExtendedLifetime(waiting) {}
    }

    @Test func norWhereTheLastPlacesWereInUseAndBecomeFree() throws {
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits(16))
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let busy = try occupy(14, of: proxy, server)
        let last = try occupy(2, of: proxy, server, from: 0x7f00_0002)
        let waiting = try (0..<Worker.newcomersPerDoor + 8).map { _ in try proxy.client() }
        #expect(eventually { proxy.shard.value(.placeWaits, .gateway) == UInt64(Worker.newcomersPerDoor) })
        let stranger = try Peer(connectingTo: proxy.port, from: 0x7f00_0003)
        try stranger.send(PlacesTests.request)
        for (client, _) in last { client.reset() }
        try answer(stranger, try server.accept())
        for (client, endpoint) in busy { try answer(client, endpoint) }
        withExtendedLifetime(waiting) {}
    }

    @Test func whoHasFewPlacesKeepsThemWhileTheyAreIdle() throws {
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits(16))
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let idle = try Peer(connectingTo: proxy.port, from: 0x7f00_0002)
        let endpoint = try exchange(idle, server)
        // The first of them takes over the endpoint's connection.
        let first = try proxy.client()
        try first.send(PlacesTests.request)
        _ = try endpoint.takeHead()
        let busy = try occupy(12, of: proxy, server)
        let waiting = try (0..<Worker.newcomersPerDoor + 8).map { _ in try proxy.client() }
        #expect(eventually { proxy.shard.value(.overloadRefusals) > 0 })
        try idle.send(PlacesTests.request)
        try answer(idle, try server.accept())
        for (client, endpoint) in busy { try answer(client, endpoint) }
        withExtendedLifetime((first, waiting)) {}
    }

    @Test func aClientThatNeverSaysAnythingIsLetGoOf() throws {
        var limits = ProxyLimits.patient
        limits.firstByteTimeout = 50 * ProxyLimits.millisecond
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits)
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let silent = try proxy.client()
        let idle = try proxy.client()
        let endpoint = try exchange(idle, server)
        #expect(try silent.takeAll().isEmpty)
        try idle.send(PlacesTests.request)
        try answer(idle, endpoint)
        #expect(proxy.shard.value(.firstByteTimeouts, .gateway) == 1)
    }
}
