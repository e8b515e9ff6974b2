import Testing

@testable import Proxy

@Suite struct GRPCHealthExchangeTests {
    private func frame(_ type: UInt8, _ flags: UInt8 = 0, stream: UInt8 = 1, _ payload: [UInt8] = []) -> [UInt8] {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 255), type, flags, 0, 0, 0, stream] + payload
    }

    private let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
    private let acknowledgement: [UInt8] = [0, 0, 0, 4, 1, 0, 0, 0, 0]

    private func message(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, 0, UInt8(bytes.count)] + bytes }

    private func exchange() -> GRPCHealthExchange {
        GRPCHealthExchange(service: "shop.Cart", authority: "10.0.0.1:9000")
    }

    private func isHealthy(_ step: GRPCHealthExchange.Step) -> Bool? {
        if case .verdict(let verdict) = step { verdict == .healthy } else { nil }
    }

    @Test func theCallIsSentWhole() {
        let opening = exchange().opening
        #expect(opening.starts(with: Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + settings))
        let text = String(decoding: opening, as: UTF8.self)
        #expect(text.contains("/grpc.health.v1.Health/Check") && text.contains("application/grpc"))
        // One message with field 1, ending the stream.
        let name = Array("shop.Cart".utf8)
        let body = [0x0a, UInt8(name.count)] + name
        #expect(opening.suffix(9 + 5 + body.count).elementsEqual(frame(0, 1, [0, 0, 0, 0, UInt8(body.count)] + body)))
        let nameless = GRPCHealthExchange(service: "", authority: "a").opening
        #expect(nameless.suffix(14).elementsEqual(frame(0, 1, [0, 0, 0, 0, 0])))
    }

    @Test func servingIsHealthyHoweverTheBytesCome() {
        let answer =
            settings + frame(8, stream: 0, [0, 0, 1, 0]) + frame(1, 4, [0x88]) + frame(0, message([8, 1]))
            + frame(1, 5, [0x88])
        var whole = exchange()
        #expect(isHealthy(whole.receive(answer)) == true)
        var single = exchange()
        var replies: [UInt8] = []
        var verdict: Bool?
        for byte in answer where verdict == nil {
            let step = single.receive([byte])
            if case .reply(let bytes) = step { replies += bytes }
            verdict = isHealthy(step)
        }
        #expect(verdict == true)
        #expect(replies == acknowledgement)
    }

    @Test func pingsAreAnswered() {
        var exchange = exchange()
        let ping = frame(6, stream: 0, [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(exchange.receive(ping) == .reply([0, 0, 8, 6, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]))
        #expect(exchange.receive(acknowledgement) == .reply([]))
    }

    @Test func paddingAndAMessageInPiecesAreUnderstood() {
        var exchange = exchange()
        #expect(isHealthy(exchange.receive(frame(0, 8, [3, 0, 0, 0] + [9, 9, 9]))) == nil)
        #expect(isHealthy(exchange.receive(frame(0, [0, 2, 8, 1]))) == true)
    }

    @Test func everythingElseIsUnhealthy() {
        let answers: [[UInt8]] = [
            frame(0, message([8, 2])), frame(0, message([8, 0])), frame(0, message([])), frame(0, message([8, 3])),
            frame(0, message([8])), frame(0, message([0x12, 1])),
            frame(0, message([8] + .init(repeating: 255, count: 20))),
            frame(0, [1, 0, 0, 0, 2, 8, 1]), frame(0, 1, [0, 0]), frame(1, 5, [0x88]), frame(3, [0, 0, 0, 8]),
            frame(7, stream: 0, [0, 0, 0, 0, 0, 0, 0, 1]), frame(7, stream: 0, []), frame(0, 8, [9, 0]),
            frame(0, 8, []),
            Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), [255, 255, 255, 0, 0, 0, 0, 0, 1],
        ]
        for answer in answers {
            var exchange = exchange()
            #expect(isHealthy(exchange.receive(settings + answer)) == false, "\(answer)")
        }
    }

    @Test func anEndlessAnswerIsCutOff() {
        var exchange = exchange()
        var verdict: Bool?
        for _ in 0..<100 where verdict == nil {
            verdict = isHealthy(exchange.receive(frame(1, 4, .init(repeating: 0, count: 1000))))
        }
        #expect(verdict == false)
    }
}

extension GRPCHealthExchangeTests {
    private func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] { frame(type, 0, stream: 1, payload) }
    private func frame(_ type: UInt8, _ flags: UInt8, _ payload: [UInt8]) -> [UInt8] {
        frame(type, flags, stream: 1, payload)
    }
}
