import Testing

/// HTTP/1.1 through the proxy: messages arrive as they were meant, whatever their form.
@Suite struct MessageTests {
    let backend: TestBackend
    let gateway: GatewayUnderTest

    init() throws {
        backend = try TestBackend()
        gateway = try GatewayUnderTest(to: backend)
    }

    private func finish() {
        gateway.stop()
        backend.close()
    }

    @Test func connectionsAreKeptAliveOnBothSides() throws {
        defer { finish() }
        let stream = try gateway.connect()
        for number in 0..<20 {
            let response = try stream.get("/\(number)")
            #expect(response.text.hasPrefix("GET /\(number) HTTP/1.1\n"))
            #expect(!response.closes)
        }
        #expect(backend.connections == 1)
        try gateway.counts(19, "weir_pool_reuses_total")
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        defer { finish() }
        let stream = try gateway.connect()
        let requests = (0..<10).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
        try stream.send(requests + "POST /last HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
        for number in 0..<10 { #expect(try stream.readResponse().text.hasPrefix("GET /\(number) ")) }
        let last = try stream.readResponse().text
        #expect(last.hasPrefix("POST /last "))
        #expect(last.hasSuffix("\n\nbody"))
    }

    @Test func aRequestInSingleBytesIsTheSameRequest() throws {
        defer { finish() }
        let stream = try gateway.connect()
        for byte in Array(
            "POST /slow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8)
        {
            try stream.send([byte])
        }
        let response = try stream.readResponse()
        #expect(response.text.hasPrefix("POST /slow "))
        #expect(response.text.hasSuffix("\n\nabc"))
    }

    @Test func chunkedRequestsPassWithTheirTrailers() throws {
        defer { finish() }
        let stream = try gateway.connect()
        try stream.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n")
        try stream.send("5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 11\r\nContent-Length: 3\r\n\r\n")
        #expect(try stream.readResponse().text.hasSuffix("\n\nhello world"))
        let seen = backend.received()
        #expect(seen.contains("X-Sum: 11\r\n"))
        #expect(!seen.contains("Content-Length: 3"), "a trailer must not frame")
    }

    @Test func chunkedResponsesPassWithTheirTrailers() throws {
        defer { finish() }
        let chunked = try TestBackend(
            script: TestBackend.sends(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Sum: 7\r\n\r\n"))
        let gateway = try GatewayUnderTest(to: chunked)
        defer { gateway.stop(); chunked.close() }
        let stream = try gateway.connect()
        for _ in 0..<2 {
            let response = try stream.get("/")
            #expect(response.isChunked)
            #expect(response.text == "abcdefg")
            #expect(response.trailers.map(\.value) == ["7"])
        }
    }

    @Test func aResponseUntilTheEndOfTheConnectionIsWholeForTheClient() throws {
        defer { finish() }
        let closing = try TestBackend { stream, _ in
            _ = try stream.readRequest()
            try stream.send("HTTP/1.0 200 OK\r\n\r\nall of it")
        }
        let gateway = try GatewayUnderTest(to: closing)
        defer { gateway.stop(); closing.close() }
        let stream = try gateway.connect()
        #expect(try stream.get("/").text == "all of it")
        #expect(try gateway.connect().exchange("GET / HTTP/1.0\r\nHost: a\r\n\r\n").text == "all of it")
    }

    @Test func expectContinueIsAnsweredByTheBackendBeforeTheBodyIsSent() throws {
        defer { finish() }
        let expecting = try TestBackend { stream, _ in
            guard let head = try stream.read(through: "\r\n\r\n") else { return }
            guard Message.parse(head)["expect"] == "100-continue" else { return }
            try stream.send("HTTP/1.1 100 Continue\r\n\r\n")
            let body = try stream.readText(4)
            try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\(body)")
        }
        let gateway = try GatewayUnderTest(to: expecting)
        defer { gateway.stop(); expecting.close() }
        let stream = try gateway.connect()
        try stream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        #expect(try stream.readOneResponse().status == 100)
        try stream.send("body")
        #expect(try stream.readResponse().text == "body")
    }

    @Test func headAndBodilessStatusesLeaveTheConnectionInStep() throws {
        defer { finish() }
        let bodiless = try TestBackend { stream, _ in
            while let request = try stream.readRequest() {
                switch request.target {
                case "/head": try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
                case "/204": try stream.send("HTTP/1.1 204 No Content\r\n\r\n")
                case "/304": try stream.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n")
                default: try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                }
            }
        }
        let gateway = try GatewayUnderTest(to: bodiless)
        defer { gateway.stop(); bodiless.close() }
        let stream = try gateway.connect()
        let head = try stream.exchange("HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n", method: "HEAD")
        #expect(head.status == 200)
        #expect(head["content-length"] == "500")
        #expect(try stream.get("/204").status == 204)
        #expect(try stream.get("/304").status == 304)
        #expect(try stream.get("/").text == "ok")
        #expect(bodiless.connections == 1)
    }

    @Test func hopByHopFieldsAndThoseNamedInConnectionAreRemoved() throws {
        defer { finish() }
        let response = try gateway.get(
            "/", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: trailers", "X-Private: 1", "X-Public: 1",
            "Connection: X-Private, Host")
        let seen = Message.parse(Array(response.text.replacing("\n", with: "\r\n").utf8))
        #expect(seen["keep-alive"] == nil)
        #expect(seen["proxy-connection"] == nil)
        #expect(seen["te"] == nil)
        #expect(seen["x-private"] == nil)
        #expect(seen["x-public"] == "1")
        #expect(seen["host"] == "shop.test", "Host cannot be named away")
        #expect(seen["via"] == nil)
    }

    @Test func anAbsoluteTargetIsForwardedInOriginFormWithItsAuthorityAsHost() throws {
        defer { finish() }
        let response = try gateway.get("http://real.test/a?b=1", host: "other.test")
        #expect(response.text.hasPrefix("GET /a?b=1 HTTP/1.1\n"))
        let seen = Message.parse(Array(response.text.replacing("\n", with: "\r\n").utf8))
        #expect(seen.values("host") == ["real.test"])
    }

    @Test func forwardedFieldsOfStrangersAreReplaced() throws {
        defer { finish() }
        let response = try gateway.get(
            "/", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.test")
        let seen = Message.parse(Array(response.text.replacing("\n", with: "\r\n").utf8))
        #expect(seen.values("x-forwarded-for") == ["127.0.0.1"])
        #expect(seen.values("x-forwarded-proto") == ["http"])
        #expect(seen.values("x-forwarded-host") == ["shop.test"])
    }

    @Test func forwardedFieldsOfTrustedPeersAreAppendedTo() throws {
        defer { finish() }
        let gateway = try GatewayUnderTest(to: backend, flags: ["--trust-forwarded-from", "10.0.0.0/8,127.0.0.0/8"])
        defer { gateway.stop() }
        let response = try gateway.get(
            "/", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: front.test")
        let seen = Message.parse(Array(response.text.replacing("\n", with: "\r\n").utf8))
        #expect(seen["x-forwarded-for"] == "1.2.3.4, 127.0.0.1")
        #expect(seen.values("x-forwarded-proto") == ["https"])
        #expect(seen.values("x-forwarded-host") == ["front.test"])
    }

    @Test func theRoutedFieldOfAClientIsReplacedAtTheGateway() throws {
        defer { finish() }
        let seen = Message.parse(
            Array(try gateway.get("/", "weir-routed: mesh -").text.replacing("\n", with: "\r\n").utf8))
        #expect(seen.values("weir-routed") == ["gateway shop/edge shop/web"])
    }
}
