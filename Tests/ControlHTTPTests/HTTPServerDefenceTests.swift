import HTTP
import Reactor
import Testing

@testable import ControlHTTP

/// What a server does about those who do not behave.
@Suite struct HTTPServerDefenceTests {
    private func limits(_ change: (inout HTTPServerLimits) -> Void) -> HTTPServerLimits {
        var limits = HTTPServerLimits()
        change(&limits)
        return limits
    }

    @Test func whatIsNoRequestIsRefused() throws {
        let exchange = try Exchange()
        #expect(exchange.say("nonsense\r\n\r\n").hasPrefix("HTTP/1.1 400"))
        #expect(exchange.requests.isEmpty)
    }

    @Test func aHeadBeyondTheLimitIsRefused() throws {
        let exchange = try Exchange()
        let long = String(repeating: "x", count: HTTPServerLimits().headBytes)
        #expect(exchange.say("GET / HTTP/1.1\r\nHost: x\r\nA: " + long).hasPrefix("HTTP/1.1 431"))
    }

    @Test func aBodyBeyondTheLimitIsRefused() throws {
        let small = limits { $0.bodyBytes = 10 }
        let announced = try Exchange(limits: small)
        #expect(
            announced.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n").hasPrefix("HTTP/1.1 413"))
        let chunked = try Exchange(limits: small)
        let text = chunked.say(
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n")
        #expect(text.hasPrefix("HTTP/1.1 413") && chunked.requests.isEmpty)
    }

    @Test func aMalformedChunkIsRefused() throws {
        let exchange = try Exchange()
        let text = exchange.say("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        #expect(text.hasPrefix("HTTP/1.1 400") && exchange.requests.isEmpty)
    }

    @Test func theAnswerToAnUnfinishedBodyIsNotOvertakenByAReset() throws {
        let exchange = try Exchange(limits: limits { $0.bodyBytes = 10 })
        exchange.loop.turn { true }
        exchange.peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n")
        exchange.peer.send([UInt8](repeating: 0x61, count: 200_000))
        exchange.loop.turn { exchange.peer.isGone }
        #expect(exchange.peer.text.hasPrefix("HTTP/1.1 413") && !exchange.peer.sawReset)
    }

    @Test func aConnectionThatLingersEndsWithItsPeer() throws {
        let exchange = try Exchange(limits: limits { $0.lingerTimeout = 3600 * 1000 * millisecond })
        #expect(exchange.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").hasSuffix("ok\n"))
        #expect(exchange.server.connectionCount == 1)
        exchange.peer.close()
        #expect(exchange.loop.turn { exchange.server.connectionCount == 0 })
    }

    @Test func aConnectionThatLingersIsNotWaitedForLong() throws {
        let exchange = try Exchange(limits: limits { $0.lingerTimeout = 20 * millisecond })
        _ = exchange.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(exchange.loop.turn { exchange.server.connectionCount == 0 })
    }

    @Test func aSlowHeadIsCutOffHoweverOftenAByteComes() throws {
        let exchange = try Exchange(limits: limits { $0.headTimeout = 60 * millisecond })
        exchange.loop.turn { true }
        exchange.peer.send("GET / HTTP/1.1\r\nHost: x\r\nA: ")
        let begun = Clock.now()
        exchange.loop.turn {
            exchange.peer.send("x")
            return exchange.peer.isGone
        }
        #expect(exchange.peer.text.hasPrefix("HTTP/1.1 408"))
        #expect(Clock.now() - begun >= 50 * millisecond)
    }

    @Test func aSlowBodyIsCutOff() throws {
        let exchange = try Exchange(limits: limits { $0.bodyTimeout = 30 * millisecond })
        #expect(exchange.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab").hasPrefix("HTTP/1.1 408"))
    }

    @Test func anIdleConnectionIsClosed() throws {
        let exchange = try Exchange(limits: limits { $0.idleTimeout = 30 * millisecond })
        let text = exchange.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(text.hasSuffix("ok\n") && exchange.peer.sawEnd)
        #expect(exchange.server.connectionCount == 0)
    }

    @Test func aConnectionTooManyTakesTheLongestIdleOnesPlace() throws {
        let exchange = try Exchange(limits: limits { $0.connections = 2 })
        exchange.loop.turn { exchange.server.connectionCount == 1 }
        let second = try RawPeer(connectingTo: exchange.server.port)
        exchange.loop.turn { exchange.server.connectionCount == 2 }
        let third = try RawPeer(connectingTo: exchange.server.port)
        #expect(exchange.loop.turn { exchange.peer.isGone })
        third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(exchange.loop.turn { third.text.hasSuffix("ok\n") })
        #expect(!second.isGone && exchange.server.connectionCount == 2)
    }

    @Test func aConnectionTooManyIsClosedWhenAllAreBusy() throws {
        let exchange = try Exchange(limits: limits { $0.connections = 1 }) { _, _ in }
        exchange.loop.turn { true }
        exchange.peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        exchange.loop.turn { exchange.streams.count == 1 }
        let second = try RawPeer(connectingTo: exchange.server.port)
        #expect(exchange.loop.turn { second.isGone })
        exchange.streams[0].respond(.text(200, "busy"))
        #expect(exchange.loop.turn { exchange.peer.text.hasSuffix("busy\n") })
    }

    @Test func aStreamWhosePeerLeavesIsClosed() throws {
        var closed = 0
        let exchange = try Exchange { _, stream in
            stream.onClose = { closed += 1 }
            stream.begin(status: 200, fields: [:])
        }
        _ = exchange.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n") { $0.contains("\r\n\r\n") }
        #expect(closed == 0)
        exchange.peer.close()
        #expect(exchange.loop.turn { closed == 1 })
        #expect(exchange.streams[0].isEnded && !exchange.streams[0].write(HTTPChunk([1])))
        #expect(exchange.server.connectionCount == 0)
    }

    @Test func aPeerThatEndsItsDirectionStillGetsItsAnswer() throws {
        let exchange = try Exchange { _, _ in }
        exchange.loop.turn { true }
        exchange.peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        exchange.peer.endSending()
        exchange.loop.turn { exchange.streams.count == 1 }
        exchange.loop.settle()
        exchange.streams[0].respond(.text(200, "still here"))
        exchange.loop.turn { exchange.peer.isGone }
        #expect(exchange.peer.text.hasSuffix("still here\n"))
    }

    @Test func aStreamThatIsNotReadIsCutAtTheLimit() throws {
        var closed = 0
        let exchange = try Exchange(limits: limits { $0.streamBytes = 100_000 }) { _, stream in
            stream.onClose = { closed += 1 }
            stream.begin(status: 200, fields: [:])
        }
        _ = exchange.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n") { $0.contains("\r\n\r\n") }
        let chunk = HTTPChunk([UInt8](repeating: 0x61, count: 20_000))
        let stream = exchange.streams[0]
        var largest = 0
        #expect(
            exchange.loop.turn {
                stream.write(chunk)
                largest = max(largest, stream.bufferedBytes)
                return closed == 1
            })
        #expect(largest <= 120_000 && largest > 50_000)
        exchange.loop.turn { exchange.peer.isGone }
        #expect(exchange.peer.sawReset || exchange.peer.sawEnd)
    }

    @Test func anAnswerThatIsNotTakenIsGivenUp() throws {
        var closed = 0
        let exchange = try Exchange(limits: limits { $0.writeTimeout = 30 * millisecond }) { _, stream in
            stream.onClose = { closed += 1 }
            stream.respond(HTTPAnswer(status: 200, body: [[UInt8](repeating: 0x61, count: 32 << 20)[...]]))
        }
        exchange.loop.turn { true }
        exchange.peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(exchange.loop.turn { closed == 1 })
        #expect(exchange.server.connectionCount == 0)
    }

    @Test func norDoesOneThatIsTakenByTheByteLastForEver() throws {
        var closed = 0
        let size = 32 << 20
        let limits = limits {
            $0.writeTimeout = 30 * millisecond
            $0.leastTaken = size
        }
        let exchange = try Exchange(limits: limits) { _, stream in
            stream.onClose = { closed += 1 }
            stream.respond(HTTPAnswer(status: 200, body: [[UInt8](repeating: 0x61, count: size)[...]]))
        }
        exchange.loop.turn { true }
        exchange.peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        var taken = 0
        #expect(
            exchange.loop.turn {
                taken += exchange.peer.take(512)
                return closed == 1
            })
        #expect(taken < size)
        #expect(exchange.server.connectionCount == 0)
    }

    @Test func whatAPeerSendsAheadIsBounded() throws {
        let exchange = try Exchange { _, _ in }
        exchange.loop.turn { true }
        let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        exchange.peer.send(String(repeating: request, count: 400_000))
        exchange.loop.turn { exchange.streams.count == 1 }
        var turns = 0
        exchange.loop.turn {
            exchange.peer.poll()
            turns += 1
            return turns > 100
        }
        // What is left over waits in the sockets and in the peer, not here: one answer frees one request.
        #expect(exchange.requests.count == 1)
        exchange.streams[0].abort()
        #expect(exchange.loop.turn { exchange.peer.isGone })
    }

    @Test func anAbortedStreamIsNoWholeAnswer() throws {
        let exchange = try Exchange { _, stream in
            stream.begin(status: 200, fields: [:])
            stream.write(HTTPChunk(Array("half".utf8)))
        }
        _ = exchange.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n") { $0.contains("half") }
        exchange.streams[0].abort()
        #expect(exchange.loop.turn { exchange.peer.isGone })
        #expect(!exchange.peer.text.contains("0\r\n\r\n"))
    }

    @Test func fieldsCannotEndTheHead() throws {
        let exchange = try Exchange { _, stream in
            stream.respond(HTTPAnswer(status: 200, fields: ["a": "b\r\nset-cookie: c", "d": "e"], body: []))
        }
        let text = exchange.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(!text.contains("set-cookie") && text.contains("d: e\r\n"))
    }
}
