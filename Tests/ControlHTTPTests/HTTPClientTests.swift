import HTTP
import Reactor
import Testing

@testable import ControlHTTP

/// The client against the server of the same house.
@Suite struct HTTPClientTests {
    private let loop: EventLoop

    init() throws { loop = try EventLoop() }

    private func server(_ handler: @escaping HTTPServer.Handler) throws -> HTTPServer {
        try HTTPServer(address: .loopback(), loop: loop, handler: handler)
    }

    private func client(_ port: UInt16, _ change: (inout HTTPClientLimits) -> Void = { _ in }) -> HTTPClient {
        var limits = HTTPClientLimits()
        change(&limits)
        return HTTPClient(loop: loop, endpoint: HTTPEndpoint(host: "127.0.0.1", port: port), limits: limits)
    }

    @Test func aRequestArrivesAsItWasMade() throws {
        var seen: HTTPServerRequest?
        let server = try server {
            seen = $0
            $1.respond(HTTPAnswer(status: 201, fields: ["x-kind": "made"], body: [Array("yes".utf8)[...]]))
        }
        let client = client(server.port)
        let outcome = client.fetch(
            HTTPClientRequest(.post, "/a?b=c", fields: ["Content-Type": "text/plain"], body: Array("body".utf8)),
            on: loop)
        #expect(outcome.response?.status == 201 && outcome.body == "yes")
        #expect(outcome.response?.head.fields["x-kind"] == "made")
        #expect(seen?.method == .post && seen?.path == "/a" && seen?.query == "b=c")
        #expect(seen?.fields["content-type"] == "text/plain" && seen?.fields["host"] == "127.0.0.1:\(server.port)")
        #expect(seen.map { String(decoding: $0.body, as: UTF8.self) } == "body")
    }

    @Test func connectionsAreUsedAgain() throws {
        var peers: Set<SocketAddress> = []
        let server = try server {
            peers.insert($0.peer)
            $1.respond(.text(200, "ok"))
        }
        let client = client(server.port)
        for _ in 0..<5 { #expect(client.get("/", on: loop).body == "ok\n") }
        #expect(peers.count == 1 && client.idleConnections == 1)
    }

    @Test func requestsRunSideBySideUpToTheLimitAndTheRestWait() throws {
        var streams: [HTTPServerStream] = []
        let server = try server { streams.append($1) }
        let client = client(server.port) { $0.connections = 3 }
        let outcomes = (0..<5).map { _ in Outcome() }
        for outcome in outcomes { client.send(HTTPClientRequest(.get, "/"), done: outcome.done) }
        loop.turn { streams.count == 3 }
        loop.settle()
        #expect(streams.count == 3)
        for stream in streams { stream.respond(.text(200, "ok")) }
        loop.turn { streams.count == 5 }
        for stream in streams { stream.respond(.text(200, "ok")) }
        #expect(loop.turn { outcomes.allSatisfy { $0.body == "ok\n" } })
    }

    @Test func tooManyWaitingRequestsAreRefused() throws {
        let server = try server { _, _ in }
        let client = client(server.port) {
            $0.connections = 1
            $0.waiting = 1
        }
        let outcomes = (0..<3).map { _ in Outcome() }
        for outcome in outcomes { client.send(HTTPClientRequest(.get, "/"), done: outcome.done) }
        loop.turn { outcomes[2].isDone }
        #expect(outcomes[2].error?.kind == .overloaded && !outcomes[0].isDone && !outcomes[1].isDone)
    }

    @Test func aStreamedBodyComesAsItIsWritten() throws {
        var stream: HTTPServerStream?
        let server = try server {
            stream = $1
            $1.begin(status: 200, fields: [:])
        }
        let client = client(server.port)
        let outcome = Outcome()
        client.send(
            HTTPClientRequest(.get, "/"), onHead: { outcome.head = $0 }, onBody: { outcome.streamed += $0 },
            done: outcome.done)
        loop.turn { outcome.head != nil }
        #expect(outcome.head?.status == 200 && outcome.streamed.isEmpty)
        for line in ["one\n", "two\n"] {
            let before = outcome.streamed.count
            stream?.write(HTTPChunk(Array(line.utf8)))
            loop.turn { outcome.streamed.count == before + 4 }
        }
        #expect(!outcome.isDone)
        stream?.finish()
        #expect(loop.turn { outcome.isDone })
        #expect(
            outcome.response?.body.isEmpty == true && String(decoding: outcome.streamed, as: UTF8.self) == "one\ntwo\n")
        #expect(client.idleConnections == 1)
    }

    @Test func aPausedCallReadsNoMoreUntilItIsResumed() throws {
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        let server = try server { $1.respond(HTTPAnswer(status: 200, body: (0..<16).map { _ in piece[...] })) }
        let client = client(server.port)
        let outcome = Outcome()
        var call: HTTPCall?
        call = client.send(
            HTTPClientRequest(.get, "/"),
            onBody: {
                outcome.streamed += $0
                call?.pause()
            }, done: outcome.done)
        loop.turn { !outcome.streamed.isEmpty }
        let first = outcome.streamed.count
        loop.settle()
        #expect(outcome.streamed.count == first && first <= InputBuffer.readSize)
        while !outcome.isDone {
            let before = outcome.streamed.count
            call?.resume()
            guard loop.turn(until: { outcome.streamed.count > before || outcome.isDone }) else { break }
        }
        #expect(outcome.streamed.count == 16 << 20 && outcome.response != nil)
    }

    @Test func aHeadResponseHasNoBody() throws {
        let server = try server { $1.respond(.text(200, "four")) }
        let client = client(server.port)
        let outcome = client.fetch(HTTPClientRequest(.head, "/"), on: loop)
        #expect(outcome.body == "" && outcome.response?.head.fields["content-length"] == "5")
        #expect(client.idleConnections == 1)
    }

    @Test func aCancelledCallIsNeverHeardOfAndFreesItsConnection() throws {
        var closed = 0
        var streams: [HTTPServerStream] = []
        let server = try server {
            $1.onClose = { closed += 1 }
            $1.begin(status: 200, fields: [:])
            streams.append($1)
        }
        let client = client(server.port)
        let outcome = Outcome()
        // Before the loop turns, while it connects, while its response comes, and in its own closure.
        client.send(HTTPClientRequest(.get, "/"), done: outcome.done).cancel()
        let connecting = client.send(HTTPClientRequest(.get, "/"), done: outcome.done)
        loop.turn { true }
        connecting.cancel()
        let waiting = client.send(HTTPClientRequest(.get, "/"), done: outcome.done)
        loop.turn { streams.count == 1 }
        waiting.cancel()
        #expect(loop.turn { closed == 1 })
        var own: HTTPCall?
        own = client.send(HTTPClientRequest(.get, "/"), onHead: { _ in own?.cancel() }, done: outcome.done)
        loop.turn { streams.count == 2 }
        streams[1].write(HTTPChunk([1]))
        #expect(loop.turn { closed == 2 })
        #expect(loop.turn { server.connectionCount == 0 })
        loop.settle()
        #expect(outcome.calls == 0 && client.idleConnections == 0 && server.connectionCount == 0)
    }

    @Test func aCallCanBeSentFromAnothersEnd() throws {
        let server = try server { $1.respond(.text(200, $0.path)) }
        let client = client(server.port)
        let outcome = Outcome()
        client.send(HTTPClientRequest(.get, "/1")) { _ in client.send(HTTPClientRequest(.get, "/2"), done: outcome.done)
        }
        #expect(loop.turn { outcome.body == "/2\n" })
        #expect(client.idleConnections == 1)
    }

    @Test func aClosedClientFailsWhatIsUnderWay() throws {
        let server = try ScriptedServer()
        let client = client(server.port)
        let outcome = Outcome()
        client.send(HTTPClientRequest(.get, "/"), done: outcome.done)
        loop.turn { server.hasRequest(0) }
        client.close()
        #expect(outcome.error?.kind == .clientClosed)
        #expect(loop.turn { server.peers[0].isGone })
    }

    @Test func aClientThatIsLetGoLeavesNothingBehind() throws {
        let server = try server {
            if $0.path == "/now" { $1.respond(.text(200, "ok")) } else { $1.begin(status: 200, fields: [:]) }
        }
        weak var gone: HTTPClient?
        do {
            let client = client(server.port)
            gone = client
            _ = client.get("/now", on: loop)
            client.send(HTTPClientRequest(.get, "/never")) { _ in }
            client.send(HTTPClientRequest(.get, "/never")) { _ in }
            loop.turn { server.connectionCount == 2 }
        }
        #expect(loop.turn { server.connectionCount == 0 })
        #expect(gone == nil)
    }

    @Test func aHostNameIsLookedUp() throws {
        let server = try server { $1.respond(.text(200, $0.fields["host"] ?? "")) }
        let client = HTTPClient(loop: loop, endpoint: HTTPEndpoint(host: "localhost", port: server.port))
        #expect(client.get("/", on: loop).body == "localhost:\(server.port)\n")
    }

    @Test func aHostNameWithoutAddressesIsAnError() throws {
        let client = HTTPClient(loop: loop, endpoint: HTTPEndpoint(host: "no..name", port: 1))
        let error = client.get("/", on: loop).error
        #expect(error?.kind == .lookup && error?.reason.hasPrefix("host no..name: ") == true)
    }
}
