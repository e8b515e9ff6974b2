import GatewayAPI
import Routing
import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

/// The caller's door at a Service that routes are attached to and that declares no protocol: however a connection
/// begins, no request comes past the routes.
@Suite struct OutboundDetectionTests {
    private func calling(
        _ server: TestServer, waits: Bool, early: [UInt8] = [], _ use: (TestProxy, Peer) throws -> Void
    ) throws {
        var limits = ProxyLimits.patient
        if !waits { limits.detectionWait = ProxyLimits.millisecond }
        let proxy = try TestProxy(limits: limits)
        let snapshot = TestPlan(endpoints: [server.port]).outbound(address: IPAddress(ipv4: 0x0a60_0001), port: 7000)
        let destination = SocketAddress(high: 0, low: 0x0a60_0001, port: 7000, isIPv6: false)
        let client = try proxy.admit(.outbound, destination: destination, snapshot) { $0.beginDetection($1) }
        try client.send(early)
        try proxy.start(snapshot)
        try use(proxy, client)
    }

    private static let request = "GET /secret HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    @Test func aWholeRequestIsRouted() throws {
        let server = try TestServer()
        try calling(server, waits: true) { _, client in
            try client.send(Self.request)
            #expect(try client.takeText().hasPrefix("HTTP/1.1 404"))
            #expect(!server.hasVisitor)
        }
    }

    @Test(arguments: [1, 2, 3, 4]) func aBeginningThatWaitsOutTheDetectionIsRouted(_ length: Int) throws {
        let server = try TestServer()
        let bytes = Array(Self.request.utf8)
        try calling(server, waits: false, early: Array(bytes[..<length])) { proxy, client in
            #expect(eventually { proxy.shard.value(.detectionTimeouts, .outbound) == 1 })
            try client.send(Array(bytes[length...]))
            #expect(try client.takeText().hasPrefix("HTTP/1.1 404"))
            #expect(!server.hasVisitor)
        }
    }

    @Test func aBeginningAfterSilenceIsRouted() throws {
        let server = try TestServer()
        try calling(server, waits: false) { _, client in
            let silent = try server.accept()
            try client.send("GE")
            try silent.awaitEnd()
            try client.send(String(Self.request.dropFirst(2)))
            #expect(try client.takeText().hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test(arguments: ["GET  /secret HTTP/1.1\r\nHost: a\r\n\r\n", " GET /secret HTTP/1.1\r\nHost: a\r\n\r\n"])
    func whatALenientServerCouldTakeForARequestDoesNotPass(_ text: String) throws {
        let server = try TestServer()
        try calling(server, waits: true) { _, client in
            try client.send(text)
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 4"))
            #expect(!server.hasVisitor)
        }
    }

    @Test func aHandshakePassesAndOtherBytesDoNot() throws {
        let server = try TestServer()
        try calling(server, waits: true) { _, client in
            try client.send(ProtocolDetectionTests.hello)
            #expect(try server.accept().takeBytes(11) == ProtocolDetectionTests.hello)
        }
        try calling(server, waits: true) { proxy, client in
            try client.send([0x0b] + Array(Self.request.utf8))
            try client.awaitEnd()
            #expect(!server.hasVisitor)
            #expect(proxy.shard.value(.detectionRefusals, .outbound) == 1)
        }
        try calling(server, waits: true) { proxy, client in
            try client.send([0x16, 3] + Array(Self.request.utf8))
            try client.awaitEnd()
            #expect(!server.hasVisitor)
            #expect(proxy.shard.value(.detectionRefusals, .outbound) == 1)
        }
    }
}
