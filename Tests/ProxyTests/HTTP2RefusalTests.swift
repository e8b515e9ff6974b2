import Balancing
import GatewayAPI
import HTTP
import Routing
import Telemetry
import Testing

@testable import Proxy
@testable import Reactor

/// A call of HTTP/2 with prior knowledge where routes apply gets an answer in its own protocol, and nothing of it gets
/// past the routes.
@Suite struct HTTP2PriorKnowledgeTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
    /// Fields that nobody reads.
    private static let request: [UInt8] = [0, 0, 3, 1, 5, 0, 0, 0, 1, 0x82, 0x84, 0x86]
    private static let opening = preface + settings + request
    private static let reason = "\(Rejection.http2PriorKnowledge.reason)"

    /// What a client reads: settings, their acknowledgement, a response with the reason, and the end with it once more.
    private func expectRefusal(_ bytes: [UInt8]) {
        let acknowledgement: [UInt8] = [0, 0, 0, 4, 1, 0, 0, 0, 0]
        #expect(bytes.starts(with: Self.settings + acknowledgement), "\(bytes)")
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("505") && text.contains("GMT"))
        #expect(text.contains(Self.reason + "\n") && text.hasSuffix(Self.reason))
    }

    private func atGateway(_ use: (TestProxy, Peer, TestServer) throws -> Void) throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        try use(proxy, try proxy.client(), server)
        #expect(!server.hasVisitor)
    }

    private func rejections(_ proxy: TestProxy, _ rejection: Rejection = .http2PriorKnowledge) -> UInt64 {
        proxy.shard.rejections(kind: Int(rejection.rawValue))
    }

    @Test func atAGatewayACallIsAnswered() throws {
        try atGateway { proxy, client, _ in
            try client.send(Self.opening)
            expectRefusal(try client.takeAll())
            #expect(rejections(proxy) == 1)
        }
    }

    @Test func howTheBytesAreSplitDoesNotChangeTheAnswer() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        for split in [1, 3, 14, 15, 16, 18, 23, 24, 25, 33, 41] {
            let client = try proxy.client()
            try client.send(Array(Self.opening[..<split]))
            // Whole prefaces are greeted, which shows that what was sent has been read.
            if split >= Self.preface.count { try client.read { $0.count >= Self.settings.count } }
            try client.send(Array(Self.opening[split...]))
            expectRefusal(try client.takeAll())
        }
        #expect(!server.hasVisitor)
    }

    /// As gRPC's clients do.
    @Test func aClientThatAwaitsSettingsBeforeItsRequestGetsThem() throws {
        try atGateway { _, client, _ in
            try client.send(Self.preface + Self.settings)
            try client.read { $0.count >= Self.settings.count }
            #expect(client.pending == Self.settings)
            try client.send(Self.request)
            expectRefusal(try client.takeAll())
        }
    }

    @Test func framesThatBreakTheRulesEndTheConnectionWithTheReason() throws {
        try atGateway { proxy, client, _ in
            try client.send(Self.preface + Array("GET /app HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            let bytes = try client.takeAll()
            #expect(bytes.starts(with: Self.settings) && bytes.count == 26 + Self.reason.utf8.count)
            #expect(String(decoding: bytes, as: UTF8.self).hasSuffix(Self.reason))
            #expect(rejections(proxy) == 1)
        }
    }

    @Test func anotherRequestThatNamesTheVersionIsAnsweredAsText() throws {
        try atGateway { proxy, client, _ in
            try client.send("PRI * HTTP/2.0\r\nHost: a\r\n\r\n")
            #expect(try client.takeText().hasPrefix("HTTP/1.1 505"))
            #expect(rejections(proxy, .unsupportedVersion) == 1)
        }
    }

    @Test func aClientThatSendsNoRequestIsToldInFramesThatItsTimeIsOver() throws {
        var limits = ProxyLimits.patient
        limits.headTimeout = ProxyLimits.millisecond
        let server = try TestServer()
        let proxy = try TestProxy(limits: limits)
        try proxy.start(TestPlan(endpoints: [server.port]).gateway())
        let client = try proxy.client()
        try client.send(Self.preface + Self.settings)
        let bytes = try client.takeAll()
        #expect(bytes.starts(with: Self.settings) && bytes.count > 18 && bytes[12] == 7, "\(bytes)")
        #expect(!String(decoding: bytes, as: UTF8.self).contains("HTTP/1.1 408"))
    }

    // MARK: Sidecars

    private func atInboundDoor(_ plan: (TestServer) -> TestPlan, _ use: (Peer, TestServer) throws -> Void) throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        let snapshot = plan(server).inbound(port: server.port)
        let destination = SocketAddress(high: 0, low: 0x7f00_0001, port: server.port, isIPv6: false)
        let client = try proxy.admit(.inbound, destination: destination, snapshot) { $0.beginDetection($1) }
        try proxy.start(snapshot)
        try use(client, server)
    }

    @Test(arguments: [0, 5, 14, 20, 33]) func atAPodsPortWithRoutesACallIsAnswered(_ split: Int) throws {
        try atInboundDoor({ TestPlan(endpoints: [$0.port]) }) { client, server in
            try client.send(Array(Self.opening[..<split]))
            try client.send(Array(Self.opening[split...]))
            expectRefusal(try client.takeAll())
            #expect(!server.hasVisitor)
        }
    }

    @Test func atAPodsPortWithoutRoutesItsBytesPass() throws {
        try atInboundDoor({ TestPlan(endpoints: [$0.port], registry: EndpointRegistry()) }) { client, server in
            try client.send(Self.opening)
            let endpoint = try server.accept()
            try endpoint.read { $0.count >= Self.opening.count }
            #expect(endpoint.pending == Self.opening)
        }
    }

    @Test func atAServiceWithRoutesACallIsAnswered() throws {
        let server = try TestServer()
        let proxy = try TestProxy()
        let snapshot = TestPlan(endpoints: [server.port]).outbound(address: IPAddress(ipv4: 0x0a60_0001), port: 7000)
        let destination = SocketAddress(high: 0, low: 0x0a60_0001, port: 7000, isIPv6: false)
        let client = try proxy.admit(.outbound, destination: destination, snapshot) { $0.beginDetection($1) }
        try client.send(Self.opening)
        try proxy.start(snapshot)
        expectRefusal(try client.takeAll())
        #expect(!server.hasVisitor)
    }
}
