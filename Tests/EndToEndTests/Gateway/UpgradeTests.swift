import Testing

/// `Upgrade`: a tunnel after 101, and never for what would bypass the routes.
@Suite struct UpgradeTests {
    private static let upgrading: TestBackend.Script = { stream, _ in
        guard let request = try stream.readRequest(), request["upgrade"] == "chat" else {
            return try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain")
        }
        try stream.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello ")
        while true {
            let part = try stream.receive()
            if part.end != nil { break }
            try stream.send(part.bytes)
        }
        try stream.send("bye")
    }

    @Test func bytesPassBothWaysAfter101WithThoseSentAlong() throws {
        let backend = try TestBackend(script: UpgradeTests.upgrading)
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nfirst ")
        let response = try stream.readResponse()
        #expect(response.status == 101)
        #expect(response["upgrade"] == "chat")
        #expect(response["connection"]?.lowercased() == "upgrade")
        #expect(try stream.readText(12) == "hello first ")
        try stream.send("second")
        #expect(try stream.readText(6) == "second")
        stream.shutdownWrite()
        let rest = try stream.readToEnd()
        #expect(
            String(decoding: rest.bytes, as: UTF8.self) == "bye",
            "half-close reaches the backend, whose answer still arrives")
    }

    @Test func anUpgradeToHTTP2IsNotPassedOn() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let response = try gateway.connect().get(
            "/", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
        #expect(response.status == 200)
        let seen = response.text.lowercased()
        #expect(!seen.contains("upgrade"))
        #expect(!seen.contains("http2-settings"))
    }

    @Test func aRefusedUpgradeLeavesAnOrdinaryConnection() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        #expect(try stream.get("/", "Connection: Upgrade", "Upgrade: chat").status == 200)
        #expect(try stream.get("/again").text.hasPrefix("GET /again "))
    }
}
