import Testing

@testable import Proxy
@testable import Reactor

/// The proxy's own ports, served by a loop that the test turns itself.
@Suite struct HTTPResponderTests {
    private func respond(
        _ send: (Peer) throws -> Void, answer: @escaping (ControlRequest) -> ControlResponse
    ) throws -> String {
        let free = try TestServer().port
        let loop = try EventLoop()
        let responder = try HTTPResponder(
            address: SocketAddress(high: 0, low: 0x7f00_0001, port: free, isIPv6: false), loop: loop, answer: answer)
        let client = try Peer(connectingTo: free)
        try send(client)
        let limit = Clock.now() + 5 * ProxyLimits.second
        loop.run {
            _ = responder.expire(now: Clock.now())
            client.readAvailable()
            if client.sawEnd || client.sawReset || Clock.now() > limit { loop.stop() }
            return 1
        }
        return String(decoding: client.takePending(), as: UTF8.self)
    }

    @Test func aRequestIsAnsweredWithPathAndQuery() throws {
        let text = try respond {
            try $0.send("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n")
        } answer: {
            .text(200, "\($0.path) \($0.query)")
        }
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.hasSuffix("\r\n\r\n/a b=c\n"))
        #expect(text.contains("connection: close\r\n"))
    }

    @Test func aHeadRequestGetsTheLengthAndNoBody() throws {
        let text = try respond {
            try $0.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        } answer: { _ in
            .text(200, "four")
        }
        #expect(text.contains("content-length: 5\r\n") && text.hasSuffix("\r\n\r\n"))
    }

    @Test func whatIsNoRequestIsRefused() throws {
        let text = try respond {
            try $0.send("nonsense\r\n\r\n")
        } answer: { _ in
            .text(200, "")
        }
        #expect(text.hasPrefix("HTTP/1.1 400"))
    }

    @Test func aHeadBeyondTheLimitIsRefused() throws {
        let long = String(repeating: "x", count: HTTPResponder.headLimit)
        let text = try respond {
            try $0.send("GET / HTTP/1.1\r\nHost: x\r\nA: " + long)
        } answer: { _ in
            .text(200, "")
        }
        #expect(text.hasPrefix("HTTP/1.1 431") || text.isEmpty)
    }

    @Test func anAnswerLargerThanTheSocketTakesArrivesWhole() throws {
        let body = [UInt8](repeating: 0x61, count: 8 << 20)
        let text = try respond {
            try $0.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        } answer: { _ in
            ControlResponse(status: 200, body: body)
        }
        #expect(text.utf8.count > body.count)
    }
}
