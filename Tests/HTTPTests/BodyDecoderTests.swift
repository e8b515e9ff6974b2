import HTTP
import HTTPFuzz
import Testing

@Suite struct BodyDecoderTests {
    static let whole = "4;a=\"b\"\r\nWiki\r\n5 ; x\r\npedia\r\n0000\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\nnext"

    @Test("payload, trailers and end are the same at every pair of splits")
    func splits() {
        let bytes = Array(Self.whole.utf8)
        for first in 0...bytes.count {
            let decoded = HTTPFuzz.decode(bytes, framing: .chunked, splits: [first])
            #expect(decoded.outcome == .ended(consumed: bytes.count - 4))
            #expect(decoded.payload == Array("Wikipedia".utf8))
            #expect(decoded.trailers == Array("X-Sum: 1\r\nContent-Length: 9\r\n".utf8))
        }
        #expect(
            HTTPFuzz.decode(bytes, framing: .chunked, splits: Array(0...bytes.count)).payload == Array("Wikipedia".utf8)
        )
    }

    static let invalid: [(String, Rejection)] = [
        ("\r\n", .badChunk), ("g\r\n", .badChunk), ("0x1\r\n", .badChunk), (" 1\r\n", .badChunk), ("1 \r\n", .badChunk),
        ("1\n", .badChunk), ("1\r1", .badChunk), ("-1\r\n", .badChunk), ("1\r\naX", .badChunk),
        ("1\r\na\r\r", .badChunk),
        ("1\r\na\n", .badChunk), ("1;\n\r\n", .badChunk), ("1;\0\r\n", .badChunk), ("10000000000000000\r\n", .badChunk),
        ("00000000000000001\r\n", .badChunk), (";a\r\n", .badChunk),
        ("0\r\n a: b\r\n\r\n", .badTrailer), ("0\r\na : b\r\n\r\n", .badTrailer), ("0\r\nabc\r\n\r\n", .badTrailer),
        ("0\r\na: b\n\r\n", .bareLineFeed), ("0\r\na: \0\r\n", .controlByte), ("0\r\n\rX", .bareCarriageReturn),
        ("8000000000000000\r\n", .badChunk), ("ffffffffffffffff\r\n", .badChunk),
        ("1;" + String(repeating: "x", count: 600) + "\r\n", .chunkLineTooLong),
        ("0\r\na: " + String(repeating: "x", count: 9_000) + "\r\n", .trailerTooLarge),
    ]

    @Test("bad chunk syntax is refused however it is split", arguments: invalid)
    func refused(_ text: String, _ why: Rejection) {
        let bytes = Array(text.utf8)
        for split in stride(from: 0, through: bytes.count, by: bytes.count > 99 ? 97 : 1) {
            #expect(HTTPFuzz.decode(bytes, framing: .chunked, splits: [split]).outcome == .invalid(why))
        }
        #expect(HTTPFuzz.decode(bytes, framing: .chunked, splits: Array(0...bytes.count)).outcome == .invalid(why))
    }

    @Test("the largest size is taken, and the sum of extensions is bounded")
    func bounds() {
        #expect(
            HTTPFuzz.decode(Array("7fffffffffffffff\r\nab".utf8), framing: .chunked, splits: []).payload
                == Array("ab".utf8))
        let chunk = "1;" + String(repeating: "x", count: 400) + "\r\na\r\n"
        let many = HTTPFuzz.decode(Array(String(repeating: chunk, count: 50).utf8), framing: .chunked, splits: [])
        #expect(many.outcome == .invalid(.chunkLineTooLong))
    }

    @Test("a counted body ends at its length and leaves the rest")
    func length() {
        var decoder = BodyDecoder(.length(5))
        #expect(decoder.remainingLength == 5 && !decoder.isComplete)
        let steps = Array("abcdefgh".utf8).withUnsafeBytes { bytes in
            [
                decoder.consume(UnsafeRawBufferPointer(rebasing: bytes[..<2])),
                decoder.consume(UnsafeRawBufferPointer(rebasing: bytes[2...])),
            ]
        }
        #expect(steps == [.data(0..<2), .data(0..<3)])
        #expect(decoder.isComplete && decoder.remainingLength == 0)
    }

    @Test("the end of input ends only what it may end, RFC 9112 section 8")
    func endOfInput() {
        func ends(_ framing: BodyFraming) -> Bool {
            var decoder = BodyDecoder(framing)
            return decoder.endOfInput() && decoder.isComplete
        }
        #expect(ends(.untilClose) && ends(.none))
        #expect(!ends(.length(1)) && !ends(.chunked))
        #expect(BodyDecoder(.none).isComplete && BodyDecoder(.length(0)).isComplete)
    }
}
