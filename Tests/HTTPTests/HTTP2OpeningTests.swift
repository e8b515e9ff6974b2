import Testing

@testable import HTTP

@Suite struct HTTP2OpeningTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let settings = frame(4, stream: 0, [0, 3, 0, 0, 0, 100])

    private static func frame(_ type: UInt8, stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        let length = payload.count
        let head: [UInt8] = [UInt8(length >> 16), UInt8(length >> 8 & 255), UInt8(length & 255), type, 0]
        let number = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: stream >> $0) }
        return head + number + payload
    }

    private func opening(_ bytes: [UInt8]) -> HTTP2Opening { bytes.withUnsafeBytes { HTTP2Opening($0) } }

    @Test func theFirstRequestIsFoundHoweverItsBytesAreSplit() {
        let update = Self.frame(8, stream: 0, [0, 0, 255, 255])
        let before: [UInt8] = Self.preface + Self.settings + update + Self.frame(4, stream: 0)
        let whole = before + Self.frame(1, stream: 5, [0x82])
        for length in 0...whole.count {
            let expected: HTTP2Opening =
                length < Self.preface.count
                ? .prefaceIncomplete : length < before.count + 9 ? .requestAwaited : .request(stream: 5)
            #expect(opening(Array(whole[..<length])) == expected, "\(length) bytes")
        }
    }

    @Test func theReservedBitIsNotOfTheStreamsNumber() {
        #expect(opening(Self.preface + Self.settings + Self.frame(1, stream: 0x8000_0003)) == .request(stream: 3))
    }

    @Test(arguments: ["PRI * HTTP/2.0\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n", "PRI * HTTP/2.1"])
    func whatDiffersFromThePrefaceIsAnotherProtocol(_ text: String) {
        #expect(opening(Array(text.utf8)) == .otherProtocol)
    }

    @Test func whatBreaksTheRulesOfFramesIsNotWaitedFor() {
        let tails: [(why: String, bytes: [UInt8])] = [
            ("a frame that is too long", Array("GET / HTTP/1.1\r\n".utf8)),
            ("no settings", Self.frame(1, stream: 1)),
            ("no stream", Self.settings + Self.frame(1, stream: 0)),
            ("a server's stream", Self.settings + Self.frame(1, stream: 2)),
        ]
        for tail in tails { #expect(opening(Self.preface + tail.bytes) == .violation, "\(tail.why)") }
    }

    @Test func beforeARequestLittleIsListenedTo() {
        let frames = (0...HTTP2Opening.longest / 9).flatMap { _ in Self.frame(4, stream: 0) }
        #expect(opening(Self.preface + frames) == .violation)
        #expect(opening(Self.preface + Self.frame(4, stream: 0, Array(repeating: 0, count: 5_000))) == .violation)
    }

    @Test func noBytesAreTooStrange() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let tail = (0..<Int.random(in: 0..<64, using: &generator)).map { _ in UInt8.random(in: 0...255) }
            #expect(opening(Self.preface + tail) != .otherProtocol)
        }
    }
}

@Suite struct HTTP2RefusalTests {
    private struct Frame: Equatable {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]
    }

    private func frames(_ body: (inout ByteWriter) -> Void) -> [Frame] {
        var memory = [UInt8](repeating: 0, count: 1_000)
        var bytes = memory.withUnsafeMutableBytes {
            var writer = ByteWriter($0)
            body(&writer)
            return Array(writer.written)
        }
        var frames: [Frame] = []
        while bytes.count >= 9 {
            let length = bytes[..<3].reduce(0) { $0 << 8 | Int($1) }
            let stream = bytes[5..<9].reduce(0) { $0 << 8 | UInt32($1) }
            guard bytes.count >= 9 + length else { break }
            let payload = Array(bytes[9..<(9 + length)])
            frames.append(Frame(type: bytes[3], flags: bytes[4], stream: stream, payload: payload))
            bytes.removeFirst(9 + length)
        }
        #expect(bytes.isEmpty, "the frames' lengths add up")
        return frames
    }

    private func refusal(stream: UInt32) -> [Frame] {
        Array("Mon, 30 Nov 2026 21:00:00 GMT".utf8).withUnsafeBytes { date in
            frames {
                HTTP2Refusal.write(
                    LocalResponse(refusing: .http2PriorKnowledge), stream: stream, date: date, into: &$0)
            }
        }
    }

    private static let reason = Array("\(Rejection.http2PriorKnowledge.reason)".utf8)

    @Test func theSettingsAreTheDefaults() {
        #expect(frames(HTTP2Refusal.writeSettings) == [Frame(type: 4, flags: 0, stream: 0, payload: [])])
    }

    @Test func aRequestIsAnsweredAndTheConnectionEnded() throws {
        let frames = refusal(stream: 7)
        try #require(frames.count == 4)
        #expect(frames[0] == Frame(type: 4, flags: 1, stream: 0, payload: []))
        #expect(frames[1].type == 1 && frames[1].flags == 4 && frames[1].stream == 7)
        #expect(frames[2] == Frame(type: 0, flags: 1, stream: 7, payload: Self.reason + [0x0a]))
        let last: [UInt8] = [0, 0, 0, 7, 0, 0, 0, 0]
        #expect(frames[3] == Frame(type: 7, flags: 0, stream: 0, payload: last + Self.reason))
    }

    /// The bytes of RFC 7541 section 6.2.2, written out: names by number, values as they are.
    @Test func theFieldsAreLiterals() throws {
        let frames = refusal(stream: 1)
        try #require(frames.count == 4)
        // The numbers of the names are 8, 31, 33 and 54; of a literal's first byte four bits are the number's.
        let fields: [(head: [UInt8], value: String)] = [
            ([8, 3], "505"), ([15, 31 - 15, 10], "text/plain"), ([15, 33 - 15, 29], "Mon, 30 Nov 2026 21:00:00 GMT"),
            ([15, 54 - 15, 4], "weir"),
        ]
        let expected = fields.flatMap { $0.head + Array($0.value.utf8) }
        #expect(frames[1].payload == expected)
    }

    @Test func withoutARequestOnlyTheConnectionEnds() {
        let payload = [UInt8](repeating: 0, count: 8) + Self.reason
        #expect(refusal(stream: 0) == [Frame(type: 7, flags: 0, stream: 0, payload: payload)])
    }
}
