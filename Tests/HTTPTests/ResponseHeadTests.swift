import HTTP
import Testing

@Suite struct ResponseHeadTests {
    static func parse(_ text: String, to method: HTTPMethod = .get) -> ResponseHead {
        let (result, head) = Feeding.response(text, to: method)
        #expect(result == .complete(text.utf8.count))
        return head
    }

    @Test("status, reason and framing by request method and status")
    func framing() {
        let text = "HTTP/1.1 200 All right\r\nContent-Length: 5\r\n\r\n"
        let head = Self.parse(text)
        #expect(head.status == 200 && Feeding.text(text, head.reason) == "All right")
        #expect(head.body == .length(5) && head.keepAlive)
        #expect(Self.parse(text, to: .head).body == .none)
        #expect(Self.parse("HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n").body == .none)
        #expect(Self.parse("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n").body == .chunked)
        let open = Self.parse("HTTP/1.1 200 OK\r\n\r\n")
        #expect(open.body == .untilClose && !open.keepAlive)
        #expect(Self.parse("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").keepAlive)
        #expect(!Self.parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keepAlive)
        #expect(!Self.parse("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").keepAlive)
    }

    @Test("interim responses and switching protocols")
    func interim() {
        let hundred = Self.parse("HTTP/1.1 100 Continue\r\n\r\n")
        #expect(hundred.isInterim && hundred.body == .none && hundred.keepAlive)
        let switching = Self.parse("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        #expect(!switching.isInterim && switching.isSwitchingProtocols && switching.upgradeFieldIndex == 1)
    }

    @Test("a 204 that announces content loses its framing fields and its connection")
    func emptyStatus() {
        let head = Self.parse("HTTP/1.1 204 N\r\nContent-Length: 3\r\n\r\n")
        #expect(head.body == .none && head.fields[0].hopByHop && !head.keepAlive)
        #expect(Self.parse("HTTP/1.1 204 N\r\nContent-Length: 0\r\n\r\n").keepAlive)
        #expect(!Self.parse("HTTP/1.1 204 N\r\nTransfer-Encoding: chunked\r\n\r\n").keepAlive)
    }

    @Test(
        "malformed responses are refused",
        arguments: [
            ("HTTP/1.1 20 OK\r\n\r\n", Rejection.badStatusLine), ("HTTP/1.1 2000 OK\r\n\r\n", .badStatusLine),
            ("HTTP/1.1  200 OK\r\n\r\n", .badStatusLine), ("HTTP/1.1 099 OK\r\n\r\n", .badStatusLine),
            ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion), ("ICY 200 OK\r\n\r\n", .badStatusLine),
            ("HTTQ/1.1 200 OK\r\n\r\n", .badVersion), ("HTTP/1.1 200 OK\n\n", .bareLineFeed),
            ("\r\nHTTP/1.1 200 OK\r\n", .badStatusLine),
            ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .spaceBeforeColon),
            ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .obsoleteFold),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthAndTransferEncoding),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .contentLengthRepeated),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .unknownTransferCoding),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInOldVersion),
        ])
    func refused(_ text: String, _ why: Rejection) {
        #expect(Feeding.response(text).0 == .invalid(why))
    }
}
