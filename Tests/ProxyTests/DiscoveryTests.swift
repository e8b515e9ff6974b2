import Balancing
import GatewayAPI
import Routing
import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

/// The first use of a Service whose endpoints have not been read.
@Suite struct DiscoveryTests {
    private static let request = "GET /first HTTP/1.1\r\nHost: cart\r\n\r\n"

    private func asks(_ proxy: TestProxy) -> Bool {
        var asked: Set<ObjectKey> = []
        return eventually {
            asked.formUnion(proxy.demand.take())
            return asked == [LazySnapshots.service]
        }
    }

    @Test func aRequestWaitsUntilTheEndpointsAreKnown() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        let snapshots = LazySnapshots()
        try proxy.start(snapshots.snapshot(1, endpoints: nil))
        let client = try proxy.client()
        try client.send(DiscoveryTests.request)
        #expect(asks(proxy))
        proxy.publish(snapshots.snapshot(2, endpoints: [server.port]))
        let endpoint = try server.accept()
        #expect(try endpoint.takeHead().hasPrefix("GET /first HTTP/1.1\r\n"))
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try client.take(2) == "ok")
        #expect(proxy.shard.value(.discoveryWaits) == 1 && proxy.shard.value(.discoveryTimeouts) == 0)
    }

    @Test func aBodyThatCameEarlyArrivesWhole() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        let snapshots = LazySnapshots()
        try proxy.start(snapshots.snapshot(1, endpoints: nil))
        let client = try proxy.client()
        try client.send("POST /first HTTP/1.1\r\nHost: cart\r\nContent-Length: 10\r\n\r\nhello")
        #expect(asks(proxy))
        try client.send("world")
        proxy.publish(snapshots.snapshot(2, endpoints: [server.port]))
        let endpoint = try server.accept()
        #expect(try endpoint.takeHead().contains("POST /first"))
        #expect(try endpoint.take(10) == "helloworld")
    }

    @Test func endpointsThatAreKnownToBeNoneAreAnswered503() throws {
        let proxy = try TestProxy()
        let snapshots = LazySnapshots()
        try proxy.start(snapshots.snapshot(1, endpoints: nil))
        let client = try proxy.client()
        try client.send(DiscoveryTests.request)
        #expect(asks(proxy))
        proxy.publish(snapshots.snapshot(2, endpoints: []))
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 503 "))
    }

    @Test func withoutAnAnswerInTimeTheClusterIPTakesTheRequest() throws {
        let cluster = try TestServer()
        var limits = ProxyLimits.patient
        limits.discoveryWait = 20 * ProxyLimits.millisecond
        let proxy = try TestProxy(limits: limits)
        try proxy.start(LazySnapshots().snapshot(1, endpoints: nil, clusterPort: cluster.port))
        let client = try proxy.client()
        try client.send(DiscoveryTests.request)
        let endpoint = try cluster.accept()
        #expect(try endpoint.takeHead().hasPrefix("GET /first HTTP/1.1\r\n"))
        try endpoint.send("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 204"))
        #expect(proxy.shard.value(.discoveryTimeouts) == 1)
    }

    @Test func oneRequestWaitsInVainAndTheNextOnesDoNotWait() throws {
        let cluster = try TestServer()
        var limits = ProxyLimits.patient
        limits.discoveryWait = 20 * ProxyLimits.millisecond
        let proxy = try TestProxy(limits: limits)
        try proxy.start(LazySnapshots().snapshot(1, endpoints: nil, clusterPort: cluster.port))
        for number in 0..<5 {
            let client = try proxy.client()
            try client.send("GET /\(number) HTTP/1.1\r\nHost: cart\r\nConnection: close\r\n\r\n")
            let endpoint = try cluster.accept()
            #expect(try endpoint.takeHead().hasPrefix("GET /\(number) HTTP/1.1\r\n"))
            try endpoint.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            endpoint.close()
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 204"))
        }
        #expect(proxy.shard.value(.discoveryWaits) == 1 && proxy.shard.value(.discoveryTimeouts) == 1)
    }

    @Test func clientsThatWaitNoMoreAreNotRemembered() throws {
        let proxy = try TestProxy()
        try proxy.start(LazySnapshots().snapshot(1, endpoints: nil))
        for round in 1...10 {
            let clients = try (0..<40).map { _ in try proxy.client() }
            for client in clients { try client.send(DiscoveryTests.request) }
            #expect(eventually { proxy.shard.value(.discoveryWaits) == UInt64(40 * round) })
            for client in clients { client.reset() }
            #expect(eventually { proxy.shard.value(.connectionsActive, .gateway) == 0 })
        }
        proxy.stop()
        #expect(proxy.worker.undiscovered.count < 200)
    }

    @Test func aClientThatLeavesWhileItWaitsLeavesNothingBehind() throws {
        let proxy = try TestProxy()
        let snapshots = LazySnapshots()
        try proxy.start(snapshots.snapshot(1, endpoints: nil))
        let client = try proxy.client()
        try client.send(DiscoveryTests.request)
        #expect(asks(proxy))
        client.reset()
        #expect(eventually { proxy.shard.value(.connectionsActive, .gateway) == 0 })
        proxy.publish(snapshots.snapshot(2, endpoints: []))
        #expect(eventually { proxy.worker.control.adoptedVersion == 2 })
    }

    @Test func aConnectionThatIsNotHTTPWaitsTheSameWay() throws {
        let server = try TestServer()
        let snapshots = LazySnapshots()
        let proxy = try TestProxy(mode: .sidecar(outbound: .none, inbound: .none, podAddresses: []))
        let destination = SocketAddress(high: 0, low: 0x7f00_0001, port: LazySnapshots.port, isIPv6: false)
        let first = snapshots.snapshot(1, endpoints: nil)
        let client = try proxy.admit(.outbound, destination: destination, first) { $0.openOpaque($1) }
        try proxy.start(first)
        try client.send("not http")
        #expect(asks(proxy))
        proxy.publish(snapshots.snapshot(2, endpoints: [server.port]))
        let endpoint = try server.accept()
        #expect(try endpoint.take(8) == "not http")
    }

    @Test func usedBackendsAreKnownToTheConfigurationThread() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        let snapshot = LazySnapshots().snapshot(1, endpoints: [server.port])
        try proxy.start(snapshot)
        #expect(snapshot.endpoints.takeUsed().isEmpty)
        let client = try proxy.client()
        try client.send(DiscoveryTests.request)
        _ = try server.accept().takeHead()
        #expect(snapshot.endpoints.takeUsed() == [LazySnapshots.service])
        #expect(snapshot.endpoints.takeUsed().isEmpty)
    }
}
