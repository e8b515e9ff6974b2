import Testing

@testable import Proxy

@Suite struct ProtocolDetectionTests {
    private func detect(_ bytes: [UInt8]) -> ProtocolDetection { bytes.withUnsafeBytes { ProtocolDetection($0) } }

    /// What a text is as a whole, and that every beginning of it leaves that open or says the same.
    private func expect(_ bytes: [UInt8], _ whole: ProtocolDetection) {
        #expect(detect(bytes) == whole, "\(bytes.prefix(30))")
        for length in 1..<bytes.count {
            let part = detect(Array(bytes[..<length]))
            #expect([.beginning, .tlsBeginning, whole].contains(part), "\(bytes[..<length]): \(part)")
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "get / HTTP/1.1\r\n", "OPTIONS * HTTP/1.1\r\n", "GET http://a/ HTTP/1.1\r\n",
        "X-CUSTOM!#$%&'*+.^_`|~09 /", "\r\nGET / HTTP/1.1\r\n", "\nGET /", "\r", "PRIVATE / HTTP/1.1\r\n",
        "ABCDEFGHIJKLMNOPQRSTUVWX /", "PRI / HTTP/1.1", "PRI * HTTP/1.1",
    ])
    func requestsAreHTTPWhereverTheirBytesAreSplit(_ text: String) { expect(Array(text.utf8), .http) }

    @Test(arguments: [
        " GET /", "\tGET /", "GET  / HTTP/1.1", "GET\t/", "SSH-2.0-x:y", "EHLO 1.2.3.4", "(a)", "GET \"",
        "ABCDEFGHIJKLMNOPQRSTUVWXY /",
    ])
    func textThatIsNoRequestIsTextWhereverItIsSplit(_ text: String) { expect(Array(text.utf8), .text) }

    @Test func thePrefaceOfHTTP2IsNoRequest() {
        expect(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8), .http2)
        #expect(detect(Array("PRI * HTTP/2.".utf8)) == .beginning)
        #expect(detect([]) == .nothing)
    }

    /// The first bytes of a ClientHello of 512 bytes.
    static let hello: [UInt8] = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]

    @Test func aHandshakeIsKnownByItsClientHello() {
        expect(Self.hello, .tls)
        // The shortest, the longest in one record, one of several records, SSL 3.0's and TLS 1.3's versions.
        for variant: [UInt8] in [
            [0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3], [0x16, 3, 3, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3],
            [0x16, 3, 1, 0x40, 0, 1, 0, 0xff, 0xff, 3, 3], [0x16, 3, 0, 2, 0, 1, 0, 1, 0xfc, 3, 0],
            [0x16, 3, 4, 2, 0, 1, 0, 1, 0xfc, 3, 3],
        ] {
            expect(variant, .tls)
        }
        for length in 1..<Self.hello.count { #expect(detect(Array(Self.hello[..<length])) == .tlsBeginning) }
    }

    @Test(
        arguments: [
            [0x16, 0x47], [0x16, 3, 5], [0x16, 3, 1, 0, 44], [0x16, 3, 1, 0x40, 1], [0x16, 3, 1, 2, 0, 2],
            [0x16, 3, 1, 2, 0, 1, 1], [0x16, 3, 1, 2, 0, 1, 0, 0, 40], [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 2],
            [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 4],
        ] as [[UInt8]])
    func whatIsAlmostAClientHelloIsNone(_ bytes: [UInt8]) {
        #expect(detect(Array(bytes.dropLast())) == .tlsBeginning)
        #expect(detect(bytes) == .bytes)
    }

    /// A request behind any byte there is, alone and whole.
    @Test(arguments: UInt8.min...UInt8.max) func everyFirstByteIsOfOneSort(_ byte: UInt8) {
        let sort: ProtocolDetection =
            switch byte {
            case 0x0a, 0x0d: .http
            case 0x09, 0x20...0x7e: .text
            case 0x16: .tlsBeginning
            default: .bytes
            }
        let isOfMethods = detect([byte, 0x20, 0x2f]) == .http && sort == .text
        #expect(detect([byte]) == (isOfMethods ? .beginning : sort))
        let request = [byte] + Array("GET / HTTP/1.1".utf8)
        #expect(detect(request) == (isOfMethods ? .http : byte == 0x16 ? .bytes : sort))
    }
}

@Suite struct DoorDecisionTests {
    private static let all: [ProtocolDetection] = [
        .nothing, .http, .http2, .beginning, .tls, .tlsBeginning, .text, .bytes,
    ]

    private func decisions(isRouted: Bool, isOver: Bool) -> [DoorDecision] {
        Self.all.map { DoorDecision($0, isRouted: isRouted, isOver: isOver) }
    }

    @Test func whereRoutesApplyOnlyHandshakesPassUnread() {
        #expect(
            decisions(isRouted: true, isOver: false) == [
                .wait, .serveHTTP, .serveHTTP, .wait, .pass, .wait, .serveHTTP, .close,
            ])
        #expect(
            decisions(isRouted: true, isOver: true) == [
                .hearServer, .serveHTTP, .serveHTTP, .serveHTTP, .pass, .close, .serveHTTP, .close,
            ])
    }

    @Test func withoutRoutesAllButRequestsPass() {
        #expect(
            decisions(isRouted: false, isOver: false) == [.wait, .serveHTTP, .pass, .wait, .pass, .pass, .pass, .pass])
        #expect(
            decisions(isRouted: false, isOver: true) == [
                .hearServer, .serveHTTP, .pass, .pass, .pass, .pass, .pass, .pass,
            ])
    }

    /// A request behind any part of a handshake's beginning passes no more than behind any byte.
    @Test func noBeginningOfAHandshakeLeadsAroundTheRoutes() {
        for length in 1..<ProtocolDetectionTests.hello.count {
            let bytes = ProtocolDetectionTests.hello[..<length] + Array("GET /admin HTTP/1.1\r\n\r\n".utf8)
            let detected = bytes.withUnsafeBytes { ProtocolDetection($0) }
            #expect(DoorDecision(detected, isRouted: true, isOver: true) == .close, "\(bytes)")
        }
    }

    /// Wherever a request is split, and whatever stands in front of it, no part of it passes unread.
    @Test(arguments: UInt8.min...UInt8.max) func noSplitLeadsAroundTheRoutes(_ byte: UInt8) {
        for text in ["GET /admin HTTP/1.1\r\n\r\n", "\u{fe}GET /admin HTTP/1.1", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
            let request = [byte] + Array(text.utf8)
            for length in 1...request.count {
                let part = request[..<length].withUnsafeBytes { ProtocolDetection($0) }
                for isOver in [false, true] {
                    let decision = DoorDecision(part, isRouted: true, isOver: isOver)
                    #expect(decision != .pass && decision != .hearServer, "\(request[..<length])")
                }
            }
        }
    }
}
