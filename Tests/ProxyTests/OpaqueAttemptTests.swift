import Balancing
import GatewayAPI
import Telemetry
import Testing

@testable import Proxy
@testable import Reactor
@testable import Routing

/// Opaque connections find an endpoint as requests do: black holes cost them a head start.
@Suite struct OpaqueAttemptTests {
    private static let address = IPAddress("10.96.0.10")
    /// The beginning of a TLS handshake.
    private static let hello: [UInt8] = [0x16, 3, 1, 0, 5]

    private func limits() -> ProxyLimits {
        var limits = ProxyLimits.patient
        limits.connectHeadStart = 5 * ProxyLimits.millisecond
        return limits
    }

    /// A client at the outbound door that has dialled a Service with these endpoints.
    private func dialling(
        _ endpoints: [UInt16], _ limits: ProxyLimits, _ use: (TestProxy, Peer) throws -> Void
    ) throws {
        let address = try #require(OpaqueAttemptTests.address)
        let loopback = SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false)
        let proxy = try TestProxy(
            limits: limits, mode: .sidecar(outbound: loopback, inbound: loopback, podAddresses: []))
        let snapshot = TestPlan(endpoints: endpoints, registry: .init()).outbound(address: address, port: 5432)
        let client = try proxy.admit(.outbound, destination: SocketAddress(address, port: 5432), snapshot) {
            $0.openOpaque($1)
        }
        try proxy.start(snapshot)
        try use(proxy, client)
        client.close()
        #expect(eventually { proxy.shard.value(.opaqueConnectionsActive, .outbound) == 0 })
        #expect(eventually { proxy.shard.value(.connectionsActive, .outbound) == 0 })
    }

    @Test func aBlackHoleCostsTheHeadStart() throws {
        let server = try TestServer()
        let hole = try BlackHole()
        for _ in 0..<8 {
            try dialling([hole.port, server.port], limits()) { proxy, client in
                try client.send(OpaqueAttemptTests.hello)
                let endpoint = try server.accept()
                #expect(try Array(endpoint.take(5).utf8) == OpaqueAttemptTests.hello)
                try endpoint.send("welcome")
                #expect(try client.take(7) == "welcome")
                #expect(proxy.shard.value(.opaqueConnectionsOpened, .outbound) == 1)
                #expect(proxy.shard.value(.ejections) == 0, "it may still take one")
            }
        }
    }

    @Test func aServerThatSpeaksFirstIsFoundTheSameWay() throws {
        let server = try TestServer()
        let holes = try [BlackHole(), BlackHole()]
        try dialling(holes.map(\.port) + [server.port], limits()) { _, client in
            let endpoint = try server.accept()
            try endpoint.send("220 ready\r\n")
            #expect(try client.take(11) == "220 ready\r\n")
            try client.send("QUIT")
            #expect(try endpoint.take(4) == "QUIT")
        }
    }

    @Test func aConnectionThatIsMadeAfterAllGetsTheBytes() throws {
        let slow = try BlackHole()
        let refusing = try RefusingPort()
        try dialling([slow.port, refusing.port], limits()) { proxy, client in
            try client.send(OpaqueAttemptTests.hello)
            #expect(eventually { proxy.shard.value(.connectFailures) == 1 })
            let endpoint = try slow.open()
            #expect(try Array(endpoint.take(5).utf8) == OpaqueAttemptTests.hello)
            try endpoint.send("late")
            #expect(try client.take(4) == "late")
        }
    }

    @Test func theOneThatIsMadeFirstGetsTheBytesAndTheOtherIsNotKept() throws {
        let holes = try [BlackHole(), BlackHole()]
        try dialling(holes.map(\.port), limits()) { proxy, client in
            try client.send(OpaqueAttemptTests.hello)
            #expect(eventually { proxy.shard.value(.rePicks) == 1 })
            #expect(eventually { proxy.shard.value(.upstreamConnectionsActive) == 2 })
            let first = try holes[0].open()
            #expect(try Array(first.take(5).utf8) == OpaqueAttemptTests.hello)
            let second = try holes[1].open()
            try second.awaitEnd()
            try first.send("here")
            #expect(try client.take(4) == "here")
            #expect(eventually { proxy.shard.value(.upstreamConnectionsActive) == 1 })
            #expect(proxy.shard.value(.upstreamConnectionsIdle) == 0)
        }
    }

    @Test func whereNobodyTakesAConnectionTheClientIsRefusedInTime() throws {
        let holes = try [BlackHole(), BlackHole()]
        var limits = limits()
        limits.connectTimeout = 30 * ProxyLimits.millisecond
        try dialling(holes.map(\.port), limits) { proxy, client in
            try client.awaitEnd()
            #expect(client.sawReset)
            #expect(eventually { proxy.shard.value(.upstreamConnectionsActive) == 0 })
        }
    }

    @Test func aClientThatLeavesMeanwhileLeavesNothingBehind() throws {
        let holes = try [BlackHole(), BlackHole()]
        var limits = limits()
        limits.connectTimeout = 500 * ProxyLimits.millisecond
        try dialling(holes.map(\.port), limits) { proxy, client in
            #expect(eventually { proxy.shard.value(.rePicks) == 1 })
            client.reset()
            #expect(eventually { proxy.shard.value(.upstreamConnectionsActive) == 0 })
        }
    }
}
