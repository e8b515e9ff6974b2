import Testing

@testable import Proxy

@Suite struct ProtocolDetectionTests {
    private func detect(_ bytes: [UInt8]) -> ProtocolDetection { bytes.withUnsafeBytes { ProtocolDetection($0) } }

    private static let http = [
        "GET / HTTP/1.1\r\n", "get / HTTP/1.1\r\n", "OPTIONS * HTTP/1.1\r\n", "GET http://a/ HTTP/1.1\r\n",
        "X-CUSTOM!#$%&'*+.^_`|~09 /", "\r\nGET / HTTP/1.1\r\n", "\nGET /", "\r", "PRIVATE / HTTP/1.1\r\n",
        "ABCDEFGHIJKLMNOPQRSTUVWX /",
    ]
    private static let opaque = [
        "\u{16}\u{3}\u{1}", "\u{0}", " GET /", "GET  / HTTP/1.1", "GET\t/", "SSH-2.0-x:y", "EHLO 1.2.3.4", "(a)",
        "ABCDEFGHIJKLMNOPQRSTUVWXY /", "GET \"",
    ]

    @Test(arguments: http) func requestsAreHTTPWhereverTheirBytesAreSplit(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(detect(bytes) == .http)
        for length in 0..<bytes.count {
            let part = detect(Array(bytes[..<length]))
            #expect(part == .undecided || part == .http)
        }
    }

    @Test(arguments: opaque) func whatIsNoRequestIsOpaqueWhereverItIsSplit(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(detect(bytes) == .opaque)
        for length in 0..<bytes.count {
            let part = detect(Array(bytes[..<length]))
            #expect(part == .undecided || part == .opaque)
        }
    }

    @Test func thePrefaceOfHTTP2IsNoRequest() {
        #expect(detect(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)) == .http2)
        #expect(detect(Array("PRI ".utf8)) == .undecided)
        #expect(detect([]) == .undecided)
    }

    @Test func textIsWhatALenientServerCouldTakeForARequest() {
        for text in ["GET", " GET", "\tGET", "\r\nGET", "~"] {
            #expect(Array(text.utf8).withUnsafeBytes { ProtocolDetection.isText($0) })
        }
        for bytes in [[], [0x16, 3], [0], [0x7f], [0xff], [0x80]] as [[UInt8]] {
            #expect(!bytes.withUnsafeBytes { ProtocolDetection.isText($0) })
        }
    }
}
