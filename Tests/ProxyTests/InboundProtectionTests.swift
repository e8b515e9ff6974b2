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
            try client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            try client.awaitEnd()
            #expect(try silent?.takeText() ?? "" == "")
            #expect(!server.hasVisitor)
        }
    }

    @Test func bytesThatAreNoTextPass() throws {
        let server = try TestServer()
        try protected(server) { _, client in
            try client.send([0x16, 3, 1])
            #expect(try server.accept().take(3).utf8.count == 3)
        }
    }
}
