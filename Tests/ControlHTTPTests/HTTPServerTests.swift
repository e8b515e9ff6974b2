import HTTP
import Reactor
import Testing

@testable import ControlHTTP

/// What a server answers to whoever behaves.
@Suite struct HTTPServerTests {
    @Test func aRequestIsAnsweredWithPathAndQuery() throws {
        let exchange = try Exchange { $1.respond(.text(200, "\($0.path) \($0.query)")) }
        let text = exchange.say("GET /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.hasSuffix("\r\n\r\n/a b=c\n"))
        #expect(text.contains("connection: close\r\n") && text.contains("content-length: 7\r\n"))
    }

    /// RFC 9110 section 6.6.1.
    @Test func everyAnswerHasADate() throws {
        let exchange = try Exchange { $1.respond(.text(200, $0.path)) }
        for request in ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "nonsense\r\n\r\n"] {
            let text = exchange.say(request) { $0.contains("\r\n\r\n") }
            exchange.peer.forget()
            let date = text.split(separator: "\r\n").filter { $0.hasPrefix("date: ") }
            #expect(date.count == 1 && date.first?.hasSuffix(" GMT") == true, "\(text)")
        }
    }

    @Test func aHeadRequestGetsTheLengthAndNoBody() throws {
        let exchange = try Exchange { $1.respond(.text(200, "four")) }
        let text = exchange.say("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(text.contains("content-length: 5\r\n") && text.hasSuffix("\r\n\r\n"))
    }

    @Test func aConnectionCarriesOneRequestAfterTheOther() throws {
        let exchange = try Exchange { $1.respond(.text(200, $0.path)) }
        let first = exchange.say("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n") { $0.hasSuffix("/1\n") }
        #expect(first.hasSuffix("\r\n\r\n/1\n") && !first.contains("connection: close"))
        exchange.peer.forget()
        let second = exchange.say("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n") { $0.hasSuffix("/2\n") }
        #expect(second.hasSuffix("\r\n\r\n/2\n"))
        #expect(exchange.server.connectionCount == 1)
    }

    @Test func requestsSentAheadAreAnsweredInOrder() throws {
        var waiting: [HTTPServerStream] = []
        let exchange = try Exchange { waiting.append($1) }
        exchange.loop.turn { true }
        exchange.peer.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
        exchange.loop.turn { waiting.count == 1 }
        exchange.loop.settle()
        // The second is not looked at before the first is answered.
        #expect(exchange.requests.map(\.path) == ["/1"])
        waiting[0].respond(.text(200, "first"))
        exchange.loop.turn { waiting.count == 2 }
        waiting[1].respond(.text(200, "second"))
        exchange.loop.turn { exchange.peer.text.contains("second") }
        let parts = exchange.peer.text.components(separatedBy: "HTTP/1.1 200 OK")
        #expect(parts.count == 3 && parts[1].hasSuffix("first\n") && parts[2].hasSuffix("second\n"))
    }

    @Test func bodiesArriveWhole() throws {
        let exchange = try Exchange { $1.respond(.text(200, String(decoding: $0.body, as: UTF8.self))) }
        let plain = exchange.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello") {
            $0.hasSuffix("hello\n")
        }
        #expect(plain.hasSuffix("hello\n"))
        exchange.peer.forget()
        let chunked = exchange.say(
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\n3\r\nbar\r\n0\r\nX: y\r\n\r\n"
        ) { $0.hasSuffix("foobar\n") }
        #expect(chunked.hasSuffix("foobar\n"))
    }

    @Test func aClientThatWaitsForContinueGetsIt() throws {
        let exchange = try Exchange { $1.respond(.text(200, "\($0.body.count)")) }
        let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        let interim = exchange.say(head) { $0.contains("\r\n\r\n") }
        #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
        let text = exchange.say("ab") { $0.hasSuffix("2\n") }
        #expect(text.contains("HTTP/1.1 200 OK"))
    }

    @Test func anAnswerMayComeLater() throws {
        let exchange = try Exchange { _, _ in }
        exchange.loop.turn { true }
        exchange.peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        exchange.loop.turn { exchange.streams.count == 1 }
        exchange.loop.after(millisecond) { exchange.streams[0].respond(.text(200, "later")) }
        #expect(exchange.loop.turn { exchange.peer.text.hasSuffix("later\n") })
    }

    @Test func anAnswerLargerThanTheSocketTakesArrivesWhole() throws {
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        let exchange = try Exchange { $1.respond(HTTPAnswer(status: 200, body: (0..<8).map { _ in piece[...] })) }
        let text = exchange.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(text.utf8.count > 8 << 20 && text.contains("content-length: \(8 << 20)\r\n"))
    }

    @Test func aStreamArrivesInChunks() throws {
        let exchange = try Exchange { $1.begin(status: 200, fields: ["content-type": "text/plain"]) }
        let head = exchange.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n") { $0.contains("\r\n\r\n") }
        #expect(head.contains("transfer-encoding: chunked\r\n"))
        exchange.peer.forget()
        let stream = exchange.streams[0]
        stream.write(HTTPChunk(Array("hello".utf8)))
        exchange.loop.turn { exchange.peer.text == "5\r\nhello\r\n" }
        stream.write([Array("ab".utf8)[...], Array("cdefghij".utf8)[...]])
        stream.finish()
        exchange.loop.turn { exchange.peer.text.hasSuffix("0\r\n\r\n") }
        #expect(exchange.peer.text == "5\r\nhello\r\na\r\nabcdefghij\r\n0\r\n\r\n")
        exchange.peer.forget()
        #expect(exchange.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n") { $0.contains("200") }.contains("200"))
    }

    @Test func aStreamToHTTP10EndsWithTheConnection() throws {
        let exchange = try Exchange { _, stream in
            stream.begin(status: 200, fields: [:])
            stream.write(HTTPChunk(Array("bare".utf8)))
            stream.finish()
        }
        let text = exchange.say("GET / HTTP/1.0\r\nHost: x\r\n\r\n")
        #expect(text.hasSuffix("\r\n\r\nbare") && !text.contains("chunked"))
    }

    @Test func whatIsWrittenInOneTurnIsSentTogetherAndDrained() throws {
        var drained = 0
        let exchange = try Exchange { _, stream in
            stream.begin(status: 200, fields: [:])
            stream.onDrain = { drained += 1 }
        }
        _ = exchange.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n") { $0.contains("\r\n\r\n") }
        let before = drained
        for _ in 0..<100 { exchange.streams[0].write(HTTPChunk([0x61])) }
        #expect(exchange.streams[0].bufferedBytes == 600)
        exchange.loop.turn { exchange.streams[0].bufferedBytes == 0 }
        #expect(drained == before + 1)
    }

    @Test func aServerThatIsClosedTakesItsConnectionsWithIt() throws {
        var closed = 0
        let exchange = try Exchange { $1.onClose = { closed += 1 } }
        exchange.loop.turn { true }
        exchange.peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        exchange.loop.turn { exchange.streams.count == 1 }
        exchange.server.close()
        #expect(closed == 1 && exchange.server.connectionCount == 0 && exchange.streams[0].isEnded)
        #expect(exchange.loop.turn { exchange.peer.isGone })
        // A late answer finds nobody.
        exchange.streams[0].respond(.text(200, "late"))
        #expect(exchange.peer.text.isEmpty)
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
