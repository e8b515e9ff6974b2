import GatewayAPI
import Routing
import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

/// Bytes both ways: upgraded exchanges and opaque connections, and how their ends are passed on.
@Suite struct TunnelTests {
    private static let upgrade = "GET /app HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
    private static let switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"

    /// A client and an endpoint on the two ends of an upgraded exchange.
    private func upgraded(_ use: (TestProxy, Peer, Peer) throws -> Void) throws {
        let server = try TestServer(receiveBuffer: 4096)
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send(TunnelTests.upgrade)
        let endpoint = try server.accept()
        #expect(try endpoint.takeHead().lowercased().contains("upgrade: echo\r\n"))
        try endpoint.send(TunnelTests.switched + "first")
        #expect(try client.takeHead().hasPrefix("HTTP/1.1 101 "))
        #expect(try client.take(5) == "first")
        try use(proxy, client, endpoint)
    }

    @Test func anUpgradedExchangeCarriesBytesBothWays() throws {
        try upgraded { proxy, client, endpoint in
            try client.send("ping")
            #expect(try endpoint.take(4) == "ping")
            try endpoint.send("pong")
            #expect(try client.take(4) == "pong")
            client.close()
            try endpoint.awaitEnd()
            endpoint.close()
            #expect(eventually { proxy.shard.value(.upstreamConnectionsActive) == 0 })
            #expect(eventually { proxy.shard.value(.connectionsActive, .gateway) == 0 })
        }
    }

    @Test func aClientThatEndsItsSideStillHears() throws {
        try upgraded { _, client, endpoint in
            try client.send("last words")
            client.endSending()
            #expect(try String(decoding: endpoint.takeAll(), as: UTF8.self) == "last words")
            try endpoint.send("answer")
            endpoint.close()
            #expect(try client.takeText() == "answer")
            #expect(client.sawEnd)
        }
    }

    @Test func anEndpointThatEndsItsSideStillHearsAllThatTheClientSends() throws {
        try upgraded { _, client, endpoint in
            endpoint.endSending()
            #expect(try client.takeText().isEmpty)
            #expect(client.sawEnd)
            client.shrinkSendBuffer()
            // As much as all sockets on the way hold, and then the end, which comes in behind bytes that wait unread.
            let chunk = [UInt8](repeating: 9, count: 65536)
            var size = 0
            while client.isWritableNow { size += client.sendUntilFull(chunk, limit: 1) }
            client.endSending()
            var received = 0
            while !client.isEndAcknowledged { received += try endpoint.take(4096).utf8.count }
            received += try endpoint.takeAll().count
            #expect(received == size)
            #expect(endpoint.sawEnd)
        }
    }

    @Test func aResetOfOneSideIsAResetOfTheOther() throws {
        try upgraded { _, client, endpoint in
            endpoint.reset()
            try client.awaitEnd()
            #expect(client.sawReset)
        }
    }

    @Test func aDrainingWorkerWaitsForItsTunnels() throws {
        try upgraded { proxy, client, endpoint in
            proxy.drain()
            try client.send("still here")
            #expect(try endpoint.take(10) == "still here")
            #expect(!proxy.worker.control.isFinished)
            client.close()
            endpoint.close()
            #expect(eventually { proxy.worker.control.isFinished })
        }
    }

    // MARK: Opaque connections

    /// A connection at the inbound door of an unprotected port, at which nothing declares the protocol.
    private func detecting(
        at port: UInt16, limits: ProxyLimits = .patient, _ use: (TestProxy, Peer) throws -> Void
    ) throws {
        let proxy = try TestProxy(limits: limits)
        var plan = TestPlan(endpoints: [])
        plan.matches = []
        let snapshot = plan.inbound(port: port)
        let destination = SocketAddress(high: 0, low: 0x7f00_0001, port: port, isIPv6: false)
        let client = try proxy.admit(.inbound, destination: destination, snapshot) { $0.beginDetection($1) }
        try proxy.start(snapshot)
        try use(proxy, client)
    }

    @Test func opaqueBytesPassAndEachEndIsPassedOn() throws {
        let server = try TestServer()
        try detecting(at: server.port) { _, client in
            try client.send([0x16, 3, 1, 0, 5])
            let endpoint = try server.accept()
            #expect(try endpoint.take(5).utf8.count == 5)
            client.endSending()
            #expect(try endpoint.takeText().isEmpty)
            try endpoint.send("bye")
            endpoint.close()
            #expect(try client.takeText() == "bye")
        }
    }

    @Test func aWordAndTheEndOfTheStreamPassAsTheyAre() throws {
        let server = try TestServer()
        try detecting(at: server.port) { _, client in
            try client.send("QUIT")
            client.endSending()
            let endpoint = try server.accept()
            #expect(try endpoint.takeText() == "QUIT")
            #expect(endpoint.sawEnd)
            try endpoint.send("bye")
            endpoint.close()
            #expect(try client.takeText() == "bye")
        }
    }

    @Test func aServerThatSpeaksFirstIsHeardAfterTheDetectionWait() throws {
        let server = try TestServer()
        var limits = ProxyLimits.patient
        limits.detectionWait = 5 * ProxyLimits.millisecond
        try detecting(at: server.port, limits: limits) { proxy, client in
            let endpoint = try server.accept()
            try endpoint.send("220 ready\r\n")
            #expect(try client.take(11) == "220 ready\r\n")
            try client.send("GET / HTTP/1.1\r\n")
            #expect(try endpoint.take(16) == "GET / HTTP/1.1\r\n")
            #expect(proxy.shard.value(.detectionTimeouts, .inbound) == 1)
        }
    }

    @Test func aRequestAfterTheDetectionWaitIsStillARequest() throws {
        let server = try TestServer()
        var limits = ProxyLimits.patient
        limits.detectionWait = 5 * ProxyLimits.millisecond
        try detecting(at: server.port, limits: limits) { _, client in
            let silent = try server.accept()
            try client.send("GET /late HTTP/1.1\r\nHost: a\r\nWeir-Routed: mesh x\r\n\r\n")
            try silent.awaitEnd()
            let endpoint = try server.accept()
            let head = try endpoint.takeHead()
            #expect(head.hasPrefix("GET /late "))
            #expect(!head.lowercased().contains("weir-routed"))
        }
    }

    @Test func aRefusedOpaqueConnectionEnds() throws {
        let refusing = try RefusingPort()
        try detecting(at: refusing.port) { proxy, client in
            try client.send([0, 1, 2])
            try client.awaitEnd()
            #expect(client.sawReset)
            #expect(eventually { proxy.shard.value(.upstreamConnectionsActive) == 0 })
            #expect(eventually { proxy.shard.value(.opaqueConnectionsActive, .inbound) == 0 })
        }
    }
}
