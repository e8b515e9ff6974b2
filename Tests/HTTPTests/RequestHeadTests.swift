import HTTP
import Testing

@Suite struct RequestHeadTests {
    static let browser =
        "GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg?a=b HTTP/1.1\r\nHost: www.kittyhell.com\r\n"
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/120.0\r\nAccept: text/html,*/*;q=0.8\r\n"
        + "Accept-Language: en,de;q=0.5\r\nAccept-Encoding: gzip,deflate\r\nConnection: keep-alive\r\nKeep-Alive: 115\r\n"
        + "Cookie: session=0123456789abcdef\r\n\r\n"

    @Test("a browser's request at every split, with the body left alone")
    func complete() {
        let bytes = Array((Self.browser + "body\r\n").utf8)
        let length = Self.browser.utf8.count
        for split in 0...bytes.count { #expect(Feeding.request(bytes, split: split) == .complete(length)) }
        #expect(Feeding.requestBytewise(bytes) == .complete(length))
        for count in 0..<length {
            let head = RequestHead()
            var scanned = 0
            let result = bytes[..<count].withUnsafeBytes { head.parse($0, limits: HTTP1Limits(), scanned: &scanned) }
            #expect(result == .incomplete)
        }
    }

    @Test("the target's parts, the authority and whole lines are found")
    func parts() {
        let text = Self.browser
        let (_, head) = Feeding.request(text)
        #expect(head.method == .get && head.headLength == text.utf8.count)
        #expect(Feeding.text(text, head.path) == "/wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg")
        #expect(head.hasQuery && Feeding.text(text, head.query) == "a=b")
        #expect(Feeding.text(text, head.authority) == "www.kittyhell.com" && head.port == 0)
        #expect(head.fields.count == 8 && head.keepAlive && head.body == .none && !head.upgrade)
        var lines = "GET \(Feeding.text(text, head.target)) HTTP/1.1\r\n"
        for index in 0..<head.fields.count {
            lines += String(decoding: Array(text.utf8)[head.fields[index].line], as: UTF8.self)
        }
        #expect(lines + "\r\n" == text)
        let hops = (0..<8).filter { head.fields[$0].hopByHop }
        #expect(hops.map { head.fields[$0].known } == [.connection, .keepAlive])
    }

    @Test("one empty line before the request line is overlooked")
    func leadingLine() {
        let text = "\r\nGET /x?a?b HTTP/1.1\r\nHost: h:8080\r\n\r\n"
        let (result, head) = Feeding.request(text)
        #expect(result == .complete(text.utf8.count))
        #expect(Feeding.text(text, head.path) == "/x" && Feeding.text(text, head.query) == "a?b")
        #expect(Feeding.text(text, head.host) == "h" && head.port == 8080)
    }

    @Test(
        "absolute-form: its authority replaces Host",
        arguments: [
            ("http://b:81/p?q", "b:81", "/p", "q"), ("HTTPS://b", "b", "", ""), ("http://b?x", "b", "", "x"),
            ("http://[::1]:80/", "[::1]:80", "/", ""),
        ])
    func absolute(_ target: String, _ authority: String, _ path: String, _ query: String) {
        let text = "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n"
        let (result, head) = Feeding.request(text)
        #expect(result == .complete(text.utf8.count) && head.isAbsolute && !head.isAsterisk)
        #expect(Feeding.text(text, head.authority) == authority)
        #expect(Feeding.text(text, head.path) == path && Feeding.text(text, head.query) == query)
    }

    @Test("OPTIONS of a whole server, in both forms", arguments: ["*", "http://a"])
    func asterisk(_ target: String) {
        #expect(Feeding.request("OPTIONS \(target) HTTP/1.1\r\nHost: a\r\n\r\n").1.isAsterisk)
    }

    @Test(
        "valid hosts",
        arguments: [
            "a", "a.b:1", "a:", "1.2.3.4:80", "[::]", "[::1]:65535", "[1:2:3:4:5:6:7:8]", "[1::]", "[::ffff:1.2.3.4]",
            "a_b-c.d.",
            "[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:7::]",
        ])
    func hosts(_ host: String) {
        let text = "GET / HTTP/1.1\r\nHost: \t\(host) \r\n\r\n"
        let (result, head) = Feeding.request(text)
        #expect(result == .complete(text.utf8.count))
        #expect(Feeding.text(text, head.authority) == host)
    }

    static func post(_ fields: String, version: String = "1.1") -> RequestHead {
        let text = "POST / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n"
        let (result, head) = Feeding.request(text)
        #expect(result == .complete(text.utf8.count))
        return head
    }

    @Test("body framing")
    func framing() {
        #expect(Self.post("").body == .none)
        #expect(Self.post("content-length: 0\r\n").body == .length(0))
        #expect(Self.post("CONTENT-LENGTH:\t42 \r\n").body == .length(42))
        #expect(Self.post("Transfer-Encoding: CHUNKED\r\n").body == .chunked)
        #expect(Self.post("content-length: 999999999999999999\r\n").body == .length(999_999_999_999_999_999))
    }

    @Test("persistence, RFC 9112 section 9.3")
    func persistence() {
        #expect(Self.post("").keepAlive)
        #expect(!Self.post("Connection: x, Close\r\n").keepAlive)
        #expect(!Self.post("Connection: keep-alive\r\nConnection: close\r\n").keepAlive)
        #expect(!Self.post("", version: "1.0").keepAlive)
        #expect(Self.post("Connection: Keep-Alive\r\n", version: "1.0").keepAlive)
        #expect(Self.post("", version: "1.7").versionMinor == 1)
    }

    @Test("Connection names fields away, but not those that frame, route or authorise")
    func connectionOptions() {
        let head = Self.post(
            "X-A: 1\r\nConnection: x-a,, host, content-length, X-Forwarded-For, weir-routed, authorization\r\n"
                + "X-B: 1\r\nContent-Length: 2\r\nX-Forwarded-For: c\r\nWeir-Routed: d\r\nAuthorization: e\r\nTE: trailers\r\n"
        )
        let dropped = (0..<head.fields.count).map { head.fields[$0].hopByHop }
        #expect(dropped == [false, true, true, false, false, false, false, false, true])
        #expect(head.body == .length(2))
    }

    @Test("an upgrade needs both fields and HTTP/1.1, and h2c is none")
    func upgrade() {
        #expect(Self.post("Connection: Upgrade\r\nUpgrade: websocket\r\n").upgradeFieldIndex == 2)
        #expect(!Self.post("Upgrade: websocket\r\n").upgrade)
        #expect(!Self.post("Connection: upgrade\r\n").upgrade)
        #expect(!Self.post("Connection: upgrade\r\nUpgrade: websocket\r\n", version: "1.0").upgrade)
        #expect(!Self.post("Connection: upgrade\r\nUpgrade: websocket, h2c\r\n").upgrade)
        for offer in [
            "HTTP/2.0", "http/1.1", "TLS/1.0", "h2c-14", "h2c/1", "H2", "\"h2c\"", "websocket;h2c", "h3", "websocket/",
            "/1", "a b", "tls", "websocket/1/2",
        ] {
            #expect(!Self.post("Connection: upgrade\r\nUpgrade: \(offer)\r\n").upgrade, "\(offer)")
        }
        for offer in ["websocket", "WebSocket/13", "SPDY/3.1", "IRC/6.9, RTA/x11", "derp", "tcp"] {
            #expect(Self.post("Connection: upgrade\r\nUpgrade: \(offer)\r\n").upgrade, "\(offer)")
        }
        let head = Self.post("Connection: upgrade, http2-settings\r\nUpgrade: H2C\r\nHTTP2-Settings: AAMA\r\n")
        #expect(!head.upgrade && (1...3).allSatisfy { head.fields[$0].hopByHop })
    }

    @Test("100-continue counts with content and HTTP/1.1 only")
    func expectation() {
        #expect(Self.post("Expect: 100-Continue\r\nContent-Length: 1\r\n").expectContinue)
        #expect(!Self.post("Expect: 100-continue\r\n").expectContinue)
        #expect(!Self.post("Expect: 100-continue\r\nContent-Length: 1\r\n", version: "1.0").expectContinue)
    }

    @Test("every known name is known in any case and no other is")
    func knownNames() {
        for known in KnownField.allCases
        where known != .other && known != .ambiguous && known != .host && known != .contentLength
            && known != .transferEncoding && known != .expect
        {
            let head = Self.post("\("\(known.name)".uppercased()): 1\r\nx\(known.name): 1\r\n")
            #expect(head.fields[1].known == known && head.fields[2].known == .other)
            #expect(head.fields.firstIndex(of: known) == 1)
        }
        #expect(
            HTTPMethod.allCases.allSatisfy { method in
                method == .other || method == .connect
                    || Feeding.request("\(method.token) / HTTP/1.1\r\nHost: a\r\n\r\n").1.method == method
            })
        #expect(Feeding.request("get / HTTP/1.1\r\nHost: a\r\n\r\n").1.method == .other)
        #expect(Feeding.request("M-SEARCH!~ / HTTP/1.1\r\nHost: a\r\nOdd_name!: a\r\n\r\n").1.headLength > 0)
    }
}
