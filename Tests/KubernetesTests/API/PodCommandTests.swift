import GatewayAPI
import Kubernetes
import Reactor
import Testing

/// A command in a pod, run through an API server that says what the test tells it to.
@Suite struct PodCommandTests {
    /// One connection's worth of an API server: it reads a request and writes its answer.
    private final class OneAnswer {
        private let listener: Int32
        private var connection: Int32 = -1
        private let answer: [UInt8]
        private(set) var request: [UInt8] = []
        private var hasAnswered = false

        init(_ answer: [UInt8]) throws {
            self.answer = answer
            listener = try ListeningSocket.open(SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false))
        }

        deinit {
            Socket.close(listener)
            if connection >= 0 { Socket.close(connection) }
        }

        var port: UInt16 { Socket.localAddress(listener)?.port ?? 0 }

        /// Goes on as far as it can.
        func step() {
            if connection < 0 {
                var peer = SocketAddress.none
                connection = Socket.accept(listener, peer: &peer) ?? -1
            }
            guard connection >= 0, !hasAnswered else { return }
            var room = [UInt8](repeating: 0, count: 4096)
            if case .bytes(let count) = room.withUnsafeMutableBytes({ Socket.read(connection, into: $0) }) {
                request += room.prefix(count)
            }
            guard String(decoding: request, as: UTF8.self).contains("\r\n\r\n") else { return }
            hasAnswered = true
            _ = answer.withUnsafeBytes { Socket.write(connection, $0) }
        }
    }

    private static let switching = Array(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-protocol: v4.channel.k8s.io\r\n\r\n"
            .utf8)

    private func message(_ channel: UInt8, _ text: String) -> [UInt8] {
        [0x82, UInt8(text.utf8.count + 1), channel] + Array(text.utf8)
    }

    private let closing: [UInt8] = [0x88, 2, 3, 232]

    private func run(_ answer: [UInt8]) throws -> (Result<PodCommand.Output, PodCommandError>?, request: String) {
        let server = try OneAnswer(answer)
        let test = try LoopTest()
        let client = APIClient(
            ClusterConfiguration(
                server: ServerURL(isSecure: false, host: "127.0.0.1", port: server.port), origin: "a test"),
            loop: test.loop, userAgent: "weir/test")
        defer { client.close() }
        var result: Result<PodCommand.Output, PodCommandError>?
        PodCommand(
            transport: client, pod: ObjectKey(namespace: "shop", name: "cart-1"), container: "weir-proxy",
            command: ["weir", "proxy", "log-level", "--set", "debug"]
        ) { result = $0 }.start()
        _ = test.run {
            server.step()
            return result != nil
        }
        return (result, String(decoding: server.request, as: UTF8.self))
    }

    @Test func whatTheCommandWritesComesByStream() throws {
        let status = message(3, #"{"status":"Success"}"#)
        let (result, request) = try run(
            Self.switching + message(1, "de") + message(2, "!") + message(1, "bug\n") + status + closing)
        let output = try #require(try result?.get())
        #expect(output.standardOutput == Array("debug\n".utf8) && output.standardError == Array("!".utf8))
        #expect(output.exitCode == 0)
        #expect(
            request.hasPrefix(
                """
                GET /api/v1/namespaces/shop/pods/cart-1/exec?container=weir-proxy&stdout=true&stderr=true\
                &command=weir&command=proxy&command=log-level&command=--set&command=debug HTTP/1.1\r\n
                """))
        #expect(request.lowercased().contains("upgrade: websocket\r\n"))
        #expect(request.contains("v4.channel.k8s.io"))
        // An API server has no JSON to give here, and answers 406 to who wants nothing else.
        #expect(request.lowercased().contains("accept: */*\r\n"))
    }

    @Test func aCommandThatFailsHasItsExitCode() throws {
        let text = #"{"status":"Failure","details":{"causes":[{"reason":"ExitCode","message":"2"}]}}"#
        let output = try #require(try run(Self.switching + message(3, text) + closing).0?.get())
        #expect(output.exitCode == 2)
    }

    @Test func aRefusalIsSaidInTheServersWords() throws {
        let body = #"{"kind":"Status","message":"pods \"cart-1\" is forbidden"}"#
        let head =
            "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
        let result = try run(Array((head + body).utf8)).0
        guard case .failure(let error)? = result else {
            Issue.record("a refusal is no output")
            return
        }
        #expect(error.description == #"the API server answered 403, pods "cart-1" is forbidden"#)
    }

    @Test(arguments: [
        ("406: Not Acceptable\nmore", "406: Not Acceptable"), ("", "no reason given"), ("{}", "no reason given"),
    ])
    func aRefusalInPlainTextIsSaidAsItIs(_ body: String, _ reason: String) throws {
        let head = "HTTP/1.1 406 Not Acceptable\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
        guard case .failure(let error)? = try run(Array((head + body).utf8)).0 else {
            Issue.record("a refusal is no output")
            return
        }
        #expect(error.description == "the API server answered 406, \(reason)")
    }

    @Test func anotherProtocolThanWasAskedForIsRefused() throws {
        let answer = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n"
        guard case .failure? = try run(Array(answer.utf8)).0 else {
            Issue.record("what is no WebSocket was taken for one")
            return
        }
    }
}
