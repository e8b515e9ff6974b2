import HTTP
import Reactor
import Testing

@testable import ControlHTTP

/// The client against peers that do not behave.
@Suite struct HTTPClientFailureTests {
    private let loop: EventLoop
    private let server: ScriptedServer

    init() throws {
        loop = try EventLoop()
        server = try ScriptedServer()
    }

    private func client(_ change: (inout HTTPClientLimits) -> Void = { _ in }) -> HTTPClient {
        var limits = HTTPClientLimits()
        change(&limits)
        return HTTPClient(loop: loop, endpoint: HTTPEndpoint(host: "127.0.0.1", port: server.port), limits: limits)
    }

    private func outcome(
        of request: HTTPClientRequest = HTTPClientRequest(.get, "/"), client: HTTPClient, answer: String,
        closing: Bool = false
    ) -> Outcome {
        let outcome = Outcome()
        client.send(request, done: outcome.done)
        server.answer(server.count, answer, on: loop)
        if closing, let peer = server.peers.last { peer.close() }
        loop.turn { outcome.isDone }
        return outcome
    }

    @Test func aBodyWithoutLengthEndsWithTheConnection() {
        let client = client()
        let outcome = outcome(client: client, answer: "HTTP/1.1 200 OK\r\n\r\nall of it", closing: true)
        #expect(outcome.body == "all of it" && client.idleConnections == 0)
    }

    @Test func interimResponsesArePassedOver() {
        let client = client()
        let outcome = outcome(
            client: client,
            answer: "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        #expect(outcome.body == "ok" && client.idleConnections == 1)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "",
    ])
    func aResponseThatIsCutOffIsNoResponse(_ text: String) {
        let error = outcome(client: client(), answer: text, closing: true).error
        #expect(error?.kind == .closed && error?.reason.hasPrefix("127.0.0.1:\(server.port): ") == true)
    }

    @Test(arguments: [
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: " + String(repeating: "x", count: 70_000),
        String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 40),
    ])
    func whatIsNoResponseIsAnError(_ text: String) {
        #expect(outcome(client: client(), answer: text).error?.kind == .malformed)
    }

    @Test func aBodyThatIsTooLongToCollectIsAnError() {
        let client = client { $0.collectedBody = 10 }
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n01234567890"
        #expect(outcome(client: client, answer: answer).error?.kind == .malformed)
    }

    @Test func aRefusedConnectionNamesTheAddressAndTheCause() throws {
        let refusing = try RefusingPort()
        let client = HTTPClient(loop: loop, endpoint: HTTPEndpoint(host: "127.0.0.1", port: refusing.port))
        let error = client.get("/", on: loop).error
        #expect(error?.kind == .connect)
        #expect(error?.reason.contains("127.0.0.1:\(refusing.port): connect: Connection refused") == true)
    }

    @Test func anAnswerThatDoesNotComeIsGivenUp() {
        var request = HTTPClientRequest(.get, "/")
        request.responseTimeout = 30 * millisecond
        let error = client().fetch(request, on: loop).error
        #expect(error?.kind == .timedOut && error?.reason.hasPrefix("127.0.0.1") == true)
    }

    @Test func aBodyThatFallsSilentIsGivenUpButNotWhileItIsPaused() {
        let client = client()
        var request = HTTPClientRequest(.get, "/")
        request.silenceTimeout = 40 * millisecond
        let outcome = Outcome()
        var call: HTTPCall?
        // Paused with the first bytes, so that no time passes between the two.
        call = client.send(
            request,
            onBody: {
                outcome.streamed += $0
                call?.pause()
            }, done: outcome.done)
        server.answer(0, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", on: loop)
        loop.turn { outcome.streamed.count == 4 }
        let begun = Clock.now()
        loop.turn { Clock.now() > begun + 100 * millisecond }
        #expect(!outcome.isDone)
        call?.resume()
        loop.turn { outcome.isDone }
        #expect(outcome.error?.kind == .timedOut)
    }

    @Test func theWholeMayBeLimited() {
        var request = HTTPClientRequest(.get, "/")
        request.totalTimeout = 40 * millisecond
        let outcome = Outcome()
        let client = client()
        client.send(request, onBody: { _ in }, done: outcome.done)
        // The time may be over at any moment, so everything is done within one wait.
        var isAnswered = false
        loop.turn {
            if isAnswered {
                server.peers[0].send("x")
            } else if server.hasRequest(0) {
                server.peers[0].send("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
                isAnswered = true
            }
            return outcome.isDone
        }
        #expect(outcome.error?.kind == .timedOut)
        #expect(loop.turn { server.count == server.peers.count { $0.isGone } })
    }

    @Test func aKeptConnectionThatClosesUnderARequestIsReplacedOnce() {
        let client = client()
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
        #expect(outcome(client: client, answer: answer).body == "ok")
        let second = Outcome()
        client.send(HTTPClientRequest(.get, "/again"), done: second.done)
        loop.turn { server.hasRequest(0) }
        server.peers[0].close()
        server.answer(1, answer, on: loop)
        #expect(loop.turn { second.body == "ok" })
        // The second connection is new: its end is told.
        let third = Outcome()
        client.send(HTTPClientRequest(.get, "/third"), done: third.done)
        loop.turn { server.hasRequest(1) }
        server.peers[1].close()
        loop.turn { server.hasRequest(2) }
        server.peers[2].close()
        loop.turn { third.isDone }
        #expect(third.error?.kind == .closed && server.count == 3)
    }

    @Test func whatMustNotBeRepeatedIsNot() {
        let client = client()
        #expect(outcome(client: client, answer: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").body == "ok")
        let post = Outcome()
        client.send(HTTPClientRequest(.post, "/", body: [1]), done: post.done)
        loop.turn { server.hasRequest(0) }
        server.peers[0].close()
        loop.turn { post.isDone }
        #expect(post.error?.kind == .closed && server.count == 1)
    }

    @Test func aKeptConnectionThatWasClosedIsNotUsed() {
        let client = client()
        #expect(outcome(client: client, answer: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").body == "ok")
        // The end has to be here when the connection is looked at: nobody can tell of one that is still on its way.
        #expect(server.peers[0].endSendingAndWait())
        let post = outcome(
            of: HTTPClientRequest(.post, "/", body: [1]), client: client,
            answer: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        #expect(post.body == "ok" && server.count == 2)
    }

    @Test func bytesThatNobodyAskedForEndAKeptConnection() {
        let client = client()
        _ = outcome(client: client, answer: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        server.peers[0].send("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison")
        #expect(loop.turn { client.idleConnections == 0 })
        #expect(server.peers[0].isGone)
    }

    @Test func anIdleConnectionIsClosedAfterAWhile() {
        let client = client { $0.idleTimeout = 30 * millisecond }
        var idleAtItsEnd = 0
        client.send(HTTPClientRequest(.get, "/")) { _ in idleAtItsEnd = client.idleConnections }
        server.answer(0, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", on: loop)
        #expect(loop.turn { idleAtItsEnd == 1 })
        #expect(loop.turn { client.idleConnections == 0 && server.peers[0].isGone })
    }

    @Test(arguments: [
        HTTPClientRequest(.get, "no-slash"), HTTPClientRequest(.get, "/a b"), HTTPClientRequest(.get, "/\r\nx: y"),
        HTTPClientRequest(.other, "/"), HTTPClientRequest(.get, "/", fields: ["authorization": "Bearer x\r\ny: z"]),
        HTTPClientRequest(.get, "/", fields: ["a b": "c"]),
    ])
    func whatWouldNotBeOneRequestIsNotSent(_ request: HTTPClientRequest) {
        #expect(client().fetch(request, on: loop).error?.kind == .invalidRequest)
        #expect(server.count == 0)
    }

    @Test func aServerThatAnswersBeforeItHasReadEverythingIsHeard() {
        let client = client()
        let outcome = Outcome()
        client.send(
            HTTPClientRequest(.post, "/", body: [UInt8](repeating: 0x61, count: 16 << 20)), done: outcome.done)
        loop.turn { server.count == 1 }
        server.peers[0].send("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno")
        #expect(loop.turn { outcome.isDone })
        #expect(outcome.response?.status == 413 && client.idleConnections == 0)
    }
}
