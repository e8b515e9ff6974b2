import HTTP
import Testing

@Suite struct RequestRefusalTests {
    static let host = "Host: a\r\n"
    static func get(_ fields: String, version: String = "1.1") -> String {
        "GET / HTTP/\(version)\r\n\(fields)\r\n"
    }

    static let vectors: [(String, Rejection)] = [
        // Framing
        (get(host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), .lengthAndTransferEncoding),
        (get(host + "Content-Length: 1\r\nContent-Length: 1\r\n"), .contentLengthRepeated),
        (get(host + "Content-Length: 1\r\nContent-Length: 2\r\n"), .contentLengthRepeated),
        (get(host + "Content-Length: 1, 1\r\n"), .badContentLength),
        (get(host + "Content-Length: +1\r\n"), .badContentLength),
        (get(host + "Content-Length: -1\r\n"), .badContentLength),
        (get(host + "Content-Length: 0x1\r\n"), .badContentLength),
        (get(host + "Content-Length:\r\n"), .badContentLength),
        (get(host + "Content-Length: 1 1\r\n"), .badContentLength),
        (get(host + "Content-Length: 99999999999999999999\r\n"), .badContentLength),
        (get(host + "Transfer-Encoding: gzip\r\n"), .unknownTransferCoding),
        (get(host + "Transfer-Encoding: gzip, chunked\r\n"), .unknownTransferCoding),
        (get(host + "Transfer-Encoding: xchunked\r\n"), .unknownTransferCoding),
        (get(host + "Transfer-Encoding: \"chunked\"\r\n"), .unknownTransferCoding),
        (get(host + "Transfer-Encoding: chunked;a=b\r\n"), .unknownTransferCoding),
        (get(host + "Transfer-Encoding: identity\r\n"), .unknownTransferCoding),
        (get(host + "Transfer-Encoding: chunked, chunked\r\n"), .badTransferEncoding),
        (get(host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), .badTransferEncoding),
        (get(host + "Transfer-Encoding:\r\n"), .badTransferEncoding),
        (get(host + "Transfer-Encoding: ,chunked\r\n"), .badTransferEncoding),
        (get(host + "Transfer-Encoding: chunked\r\n", version: "1.0"), .transferEncodingInOldVersion),
        // Host
        (get(""), .hostMissing),
        (get(host + host), .hostRepeated), (get(host + "hOST: b\r\n"), .hostRepeated),
        (get("Host:\r\n"), .badHost), (get("Host: \t \r\n"), .badHost), (get("Host: :80\r\n"), .badHost),
        (get("Host: u@a\r\n"), .badHost), (get("Host: a b\r\n"), .badHost), (get("Host: a/b\r\n"), .badHost),
        (get("Host: a:b\r\n"), .badHost), (get("Host: a:65536\r\n"), .badHost), (get("Host: a:1:2\r\n"), .badHost),
        (get("Host: [::1\r\n"), .badHost), (get("Host: [1::2::3]\r\n"), .badHost), (get("Host: []\r\n"), .badHost),
        (get("Host: [1:2:3:4:5:6:7]\r\n"), .badHost), (get("Host: [1:2:3:4:5:6:7:8:9]\r\n"), .badHost),
        (get("Host: [::1]a\r\n"), .badHost), (get("Host: [::256.1.1.1]\r\n"), .badHost),
        (get("Host: [12345::]\r\n"), .badHost), (get("Host: a%2eb\r\n"), .badHost), (get("Host: a?b\r\n"), .badHost),
        (get("Host: a\\b\r\n"), .badHost), (get("Host: \u{e9}\r\n"), .badHost), (get("Host: a,b@c\r\n"), .badHost),
        (get("Host: a..b\r\n"), .badHost), (get("Host: .\r\n"), .badHost), (get("Host: .a\r\n"), .badHost),
        (get("Host: a~b\r\n"), .badHost), (get("Host: a!b\r\n"), .badHost), (get("Host: a,b\r\n"), .badHost),
        (get("Host: \(String(repeating: "a", count: 64))\r\n"), .badHost),
        (get("Host: \(String(repeating: "a.", count: 127))a\r\n"), .badHost),
        (get("Host:\r\n", version: "1.0"), .badHost), (get("Host: a\r\nHost: a\r\n", version: "1.0"), .hostRepeated),
        // Lines and bytes
        (get(host + "A: b\rc\r\n"), .bareCarriageReturn), (get(host + "A: b\n"), .bareLineFeed),
        (get(host + "A: b\r\r\n"), .bareCarriageReturn), ("GET / HTTP/1.1\nHost: a\n\n", .bareLineFeed),
        ("\nGET / HTTP/1.1\r\n\r\n", .bareLineFeed), ("\rGET / HTTP/1.1\r\n\r\n", .bareCarriageReturn),
        (get(host + "A: b\r\n c\r\n"), .obsoleteFold), (get(host + "A: b\r\n\tc: d\r\n"), .obsoleteFold),
        (get(" Host: a\r\n"), .obsoleteFold), (get(host + "A : b\r\n"), .spaceBeforeColon),
        (get("Host : a\r\n"), .spaceBeforeColon), (get(host + "A\t: b\r\n"), .spaceBeforeColon),
        (get(host + ": b\r\n"), .badFieldName), (get(host + "A\r\n"), .badFieldName),
        (get(host + "A(b): c\r\n"), .badFieldName), (get(host + "\u{e9}: c\r\n"), .badFieldName),
        (get(host + "A: \0\r\n"), .controlByte), (get(host + "A: \u{7f}\r\n"), .controlByte),
        (get(host + "A\0: b\r\n"), .controlByte), (get(host + "A: \u{1}\r\n"), .controlByte),
        (get(host + "Transfer-Encoding: \u{b}chunked\r\n"), .controlByte),
        // Request line
        ("\r\n\r\nGET / HTTP/1.1\r\n\r\n", .badMethod), (" GET / HTTP/1.1\r\n", .badMethod),
        ("G(T / HTTP/1.1\r\n", .badMethod), ("GET\r\n", .badMethod), ("GET /\r\n", .badVersion),
        ("GET\t/ HTTP/1.1\r\n", .badMethod), ("GET  / HTTP/1.1\r\n", .badTarget), ("GET  HTTP/1.1\r\n", .badTarget),
        ("GET / HTTP/1.1 \r\n", .badVersion), ("GET / http/1.1\r\n", .badVersion), ("GET / HTTP/11\r\n", .badVersion),
        ("GET / HTTP/1.x\r\n", .badVersion), ("GET / HTTP/2.0\r\n", .unsupportedVersion),
        ("PRI * HTTP/2.0\r\n", .unsupportedVersion), ("GET / HTTP/0.9\r\n", .unsupportedVersion),
        ("GET /a b HTTP/1.1\r\n", .badTarget), ("GET /a#b HTTP/1.1\r\n", .badTarget),
        ("GET /a?b#c HTTP/1.1\r\n", .badTarget), ("GET /\u{e9} HTTP/1.1\r\n", .badTarget),
        ("GET /a\tb HTTP/1.1\r\n", .badTarget), ("GET /a\u{7f} HTTP/1.1\r\n", .controlByte),
        ("GET * HTTP/1.1\r\n", .badTarget), ("GET a HTTP/1.1\r\n", .badTarget),
        ("GET ftp://a/ HTTP/1.1\r\n", .badTarget),
        ("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .badHost),
        ("GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", .badHost),
        ("GET http://a#b HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
        ("CONNECT a:443 HTTP/1.1\r\n", .connectNotSupported),
        (get(host + "Expect: 200-ok\r\n"), .unknownExpectation),
        (get(host + "Expect: 100-continue, x\r\n"), .unknownExpectation),
    ]

    @Test("each malformed request is refused for its own reason", arguments: vectors)
    func refused(_ text: String, _ why: Rejection) {
        #expect(Feeding.request(text).0 == .invalid(why))
    }

    @Test("how the bytes were split does not change a refusal", arguments: vectors)
    func refusedHoweverSplit(_ text: String, _ why: Rejection) {
        let bytes = Array(text.utf8)
        for split in 0...bytes.count { #expect(Feeding.request(bytes, split: split) == .invalid(why)) }
        #expect(Feeding.requestBytewise(bytes) == .invalid(why))
    }

    @Test("refusals have the statuses of the contract")
    func statuses() {
        #expect(Rejection.lengthAndTransferEncoding.status == 400)
        #expect(Rejection.unknownTransferCoding.status == 501)
        #expect(Rejection.connectNotSupported.status == 501)
        #expect(Rejection.unsupportedVersion.status == 505)
        #expect(Rejection.targetTooLong.status == 414)
        #expect(Rejection.headTooLarge.status == 431)
        #expect(Rejection.tooManyFields.status == 431)
        #expect(Rejection.unknownExpectation.status == 417)
        #expect(Set(Rejection.allCases.map { "\($0.label)" }).count == Rejection.allCases.count)
    }

    @Test("limits: 128 fields, 16 KiB of target, 64 KiB of head")
    func limits() {
        func fields(_ count: Int) -> String {
            Self.get(Self.host + (1..<count).map { "f\($0): v\r\n" }.joined())
        }
        #expect(Feeding.request(fields(128)).0 == .complete(fields(128).utf8.count))
        #expect(Feeding.request(fields(129)).0 == .invalid(.tooManyFields))
        func target(_ length: Int) -> String {
            "GET /" + String(repeating: "a", count: length - 1) + " HTTP/1.1\r\nHost: a\r\n\r\n"
        }
        #expect(Feeding.request(target(16_384)).0 == .complete(target(16_384).utf8.count))
        #expect(Feeding.request(target(16_385)).0 == .invalid(.targetTooLong))
        let endless = [UInt8](repeating: 0x61, count: 70_000)
        #expect(Feeding.request(endless, split: 30_000) == .invalid(.targetTooLong))
        let large = Self.get(Self.host + "a: " + String(repeating: "b", count: 65_535) + "\r\n")
        #expect(Feeding.request(large).0 == .invalid(.headTooLarge))
        #expect(Feeding.request(Array(large.utf8), split: 65_535) == .invalid(.headTooLarge))
        let exact = Self.get(Self.host + "a: " + String(repeating: "b", count: 65_535 - 32) + "\r\n")
        #expect(Feeding.request(exact).0 == .complete(exact.utf8.count))
    }
}
