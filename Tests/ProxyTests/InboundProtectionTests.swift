import GatewayAPI
import Routing
import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

/// However a connection begins at a port that routes protect, no request comes past them.
@Suite struct InboundProtectionTests {
    /// A connection at a protected port where nothing declares the protocol; only `/app` is allowed.
    private func protected(
        _ server: TestServer, detectionWait: UInt64 = ProxyLimits.patient.detectionWait, early: String = "",
        _ use: (TestProxy, Peer) throws -> Void
    ) throws {
        var limits = ProxyLimits.patient
        limits.detectionWait = detectionWait
        let proxy = try TestProxy(limits: limits)
        let snapshot = TestPlan(endpoints: [server.port]).inbound(port: server.port)
        let destination = SocketAddress(high: 0, low: 0x7f00_0001, port: server.port, isIPv6: false)
        let client = try proxy.admit(.inbound, destination: destination, snapshot) { $0.beginDetection($1) }
        // There before the wait can be over.
        try client.send(early)
        try proxy.start(snapshot)
        try use(proxy, client)
    }

    @Test func aRequestThatNoRuleAllowsIs404() throws {
        let server = try TestServer()
        try protected(server) { _, client in
            try client.send("GET /secret HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(try client.takeText().hasPrefix("HTTP/1.1 404"))
            #expect(!server.hasVisitor)
        }
    }

    @Test func aRequestWhoseFirstBytesWaitOutTheDetectionIsStillRouted() throws {
        let server = try TestServer()
        try protected(server, detectionWait: ProxyLimits.millisecond, early: "G") { proxy, client in
            #expect(eventually { proxy.shard.value(.detectionTimeouts, .inbound) == 1 })
            try client.send("ET /secret HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(try client.takeText().hasPrefix("HTTP/1.1 404"))
            #expect(!server.hasVisitor)
        }
    }

    @Test func aRequestInPiecesAfterASilentStartIsStillRouted() throws {
        let server = try TestServer()
        try protected(server, detectionWait: ProxyLimits.millisecond) { proxy, client in
            let silent = try server.accept()
            try client.send("G")
            try silent.awaitEnd()
            #expect(silent.sawEnd)
            try client.send("ET /secret HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(try client.takeText().hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test(arguments: [
        "GET  /secret HTTP/1.1\r\nHost: a\r\n\r\n", "GET\t/secret HTTP/1.1\r\nHost: a\r\n\r\n",
        " GET /secret HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n\r\nGET /secret HTTP/1.1\r\nHost: a\r\n\r\n",
        "get \\secret HTTP/1.1\r\nHost: a\r\n\r\n",
        "AVERYLONGMETHODTHATISMOREthan24 /secret HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
    func textThatLenientServersTakeForARequestDoesNotPass(_ request: String) throws {
        let server = try TestServer()
        try protected(server) { _, client in
            try client.send(request)
            #expect(try client.takeHead().hasPrefix("HTTP/1.1 4"))
            #expect(!server.hasVisitor)
        }
    }

    @Test(arguments: [false, true])
    func http2WithoutTLSDoesNotPass(afterSilence: Bool) throws {
        let server = try TestServer()
        try protected(server, detectionWait: afterSilence ? ProxyLimits.millisecond : ProxyLimits.patient.detectionWait)
        {
            _, client in
            let silent = afterSilence ? try server.accept() : nil
            let emptySettings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
            let emptyHeaders: [UInt8] = [0, 0, 0, 1, 5, 0, 0, 0, 1]
            try client.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + emptySettings + emptyHeaders)
            #expect(try client.takeText().contains("HTTP/2 and gRPC are not spoken here"))
            #expect(try silent?.takeText() ?? "" == "")
            #expect(!server.hasVisitor)
        }
    }

    @Test func aHandshakePasses() throws {
        let server = try TestServer()
        try protected(server) { _, client in
            try client.send(ProtocolDetectionTests.hello)
            #expect(try server.accept().takeBytes(11) == ProtocolDetectionTests.hello)
        }
    }

    @Test(
        arguments: [
            [0x16, 3], [0x16, 3, 1], [0x16, 3, 1, 2, 0], [0x16, 3, 1, 2, 0, 1], [0x16, 3, 1, 2, 0, 1, 0, 1, 252, 3],
        ] as [[UInt8]])
    func aRequestBehindTheBeginningOfAHandshakeDoesNotPass(_ beginning: [UInt8]) throws {
        let server = try TestServer()
        try protected(server) { proxy, client in
            try client.send(beginning + Array("GET /secret HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            try client.awaitEnd()
            #expect(!server.hasVisitor)
            #expect(proxy.shard.value(.detectionRefusals, .inbound) == 1)
        }
    }

    @Test(arguments: [0x00, 0x0b, 0x0c, 0x16, 0x7f, 0x80, 0xef, 0xff] as [UInt8], [false, true])
    func otherBytesInFrontOfARequestDoNotPass(_ byte: UInt8, afterSilence: Bool) throws {
        let server = try TestServer()
        try protected(server, detectionWait: afterSilence ? ProxyLimits.millisecond : ProxyLimits.patient.detectionWait)
        { proxy, client in
            let silent = afterSilence ? try server.accept() : nil
            try client.send([byte] + Array("GET /secret HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            try client.awaitEnd()
            #expect(try silent?.takeText() ?? "" == "")
            #expect(!server.hasVisitor)
            #expect(proxy.shard.value(.detectionRefusals, .inbound) == 1)
        }
    }

    @Test func aServerThatSpokeFirstHearsWhatTheClientSays() throws {
        let server = try TestServer()
        try protected(server, detectionWait: ProxyLimits.millisecond) { _, client in
            let endpoint = try server.accept()
            try endpoint.send("220 ready\r\n")
            #expect(try client.take(11) == "220 ready\r\n")
            try client.send([0, 1, 2])
            #expect(try endpoint.take(3).utf8.count == 3)
        }
    }

    @Test func aPortThatABrokenGuardLeavesClosedAnswers500() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        var plan = TestPlan(endpoints: [server.port])
        plan.matches = []
        plan.rules = []
        plan.add("/", .closed(reason: "HTTPRoute test/route cannot be read"))
        let snapshot = plan.inbound(port: server.port)
        let destination = SocketAddress(high: 0, low: 0x7f00_0001, port: server.port, isIPv6: false)
        let client = try proxy.admit(.inbound, destination: destination, snapshot) { $0.beginDetection($1) }
        try client.send("GET /app HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        try proxy.start(snapshot)
        #expect(try client.takeText().hasPrefix("HTTP/1.1 500"))
        #expect(!server.hasVisitor)
    }
}
