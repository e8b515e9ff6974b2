import Foundation
import TLS
import Testing

/// Requests over TLS: everything that passes over plain connections passes here too.
@Suite struct HTTPSTests {
    @Test func aRequestOverTLSReachesTheBackendAsHTTPS() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS()
        #expect(stream.certificate == "shop.test")
        let response = try stream.get("/a?b=1")
        #expect(response.status == 200)
        #expect(response.text.contains("x-forwarded-proto: https"))
        #expect(try gateway.get("/").text.contains("x-forwarded-proto: http\n"))
        let metrics = try gateway.metrics()
        #expect(metrics.sum("weir_tls_handshakes_total") == 1)
        let expiry = metrics.sum("weir_certificate_expiry_timestamp_seconds")
        #expect(abs(expiry - Date().timeIntervalSince1970 - 86_400) < 600)
    }

    @Test func aConnectionServesManyRequests() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS()
        for _ in 0..<100 { #expect(try stream.get("/").text == "ok") }
        #expect(backend.connections == 1)
    }

    @Test func pipelinedRequestsInOneRecordAreAllAnswered() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS()
        try stream.send((0..<50).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        for number in 0..<50 { #expect(try stream.readResponse().text.hasPrefix("GET /\(number) ")) }
    }

    @Test func aRequestInRecordsOfOneByteIsServed() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS()
        for byte in "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".utf8 { try stream.send([byte]) }
        #expect(try stream.readResponse().text.hasSuffix("\n\nhello"))
    }

    @Test(arguments: [false, true]) func largeBodiesPassBothWays(isChunked: Bool) throws {
        let backend = try TestBackend { stream, _ in
            while let request = try stream.readRequest() {
                if isChunked {
                    try stream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    for start in stride(from: 0, to: request.body.count, by: 70_001) {
                        let part = request.body[start..<min(start + 70_001, request.body.count)]
                        try stream.send(Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10])
                    }
                    try stream.send("0\r\n\r\n")
                } else {
                    try stream.send(
                        Array("HTTP/1.1 200 OK\r\nContent-Length: \(request.body.count)\r\n\r\n".utf8) + request.body)
                }
            }
        }
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 9) }
        let stream = try gateway.connectTLS()
        for _ in 0..<2 {
            if isChunked {
                try stream.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for start in stride(from: 0, to: body.count, by: 50_000) {
                    try stream.send(Array("C350\r\n".utf8) + body[start..<(start + 50_000)] + [13, 10])
                }
                try stream.send("0\r\n\r\n")
            } else {
                try stream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
                try stream.send(body)
            }
            #expect(try stream.readResponse(to: "POST").body == body)
        }
    }

    @Test func aReaderThatIsSlowHoldsTheBackendBackAndGetsEveryByte() throws {
        let body = (0..<20_000_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 11) }
        let backend = try TestBackend { stream, _ in
            _ = try stream.readRequest()
            try stream.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
            _ = try stream.receive()
        }
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS(receiveBuffer: 4096)
        let before = gateway.process.residentBytes
        try stream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try stream.read(through: "\r\n\r\n")
        #expect(try stream.read(1000) == Array(body[..<1000]))
        #expect(gateway.process.residentBytes - before < 8 << 20, "what is not read is not hoarded")
        #expect(try stream.read(body.count - 1000) == Array(body[1000...]))
    }

    /// Nothing announces what is in the session already when the handshake ends.
    @Test func aRequestThatComesWithTheHandshakesEndIsServed() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        for _ in 0..<5 {
            let stream = try TLSStream(port: gateway.ports.second, name: "shop.test", isCorked: true)
            try stream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            stream.cork(false)
            #expect(try stream.readResponse().text == "ok")
        }
    }

    /// Bytes and close_notify in one segment: no event tells of the end.
    @Test func anEndThatComesWithTheLastBytesIsNotForgotten() throws {
        let backend = try TestBackend { stream, _ in
            _ = try stream.readRequest()
            try stream.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n")
            let all = try stream.readToEnd()
            try stream.send("\(all.bytes.count) and the end")
        }
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS()
        try stream.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n")
        #expect(try stream.readResponse().status == 101)
        stream.cork(true)
        try stream.send("12345")
        stream.endWithoutFIN()
        stream.cork(false)
        #expect(String(decoding: try stream.readToEnd().bytes, as: UTF8.self) == "5 and the end")
    }

    @Test func anUpgradedConnectionIsATunnelWithHalfClose() throws {
        let backend = try TestBackend { stream, _ in
            _ = try stream.readRequest()
            try stream.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello ")
            while true {
                let part = try stream.receive()
                if part.end != nil { break }
                try stream.send(part.bytes)
            }
            try stream.send("bye")
        }
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS()
        try stream.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nfirst ")
        #expect(try stream.readResponse().status == 101)
        #expect(try stream.readText(12) == "hello first ")
        let much = [UInt8](repeating: 0x61, count: 300_000)
        try stream.send(much)
        #expect(try stream.read(much.count) == much)
        stream.shutdownWrite()
        let rest = try stream.readToEnd()
        #expect(String(decoding: rest.bytes, as: UTF8.self) == "bye")
        #expect(rest.end == .closed)
    }

    @Test func theLastAnswerIsFollowedByAnOrderlyEnd() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS()
        #expect(try stream.get("/", "Connection: close").text == "ok")
        #expect(try stream.readToEnd().end == .closed)
        let refused = try gateway.connectTLS()
        try refused.send("nonsense\r\n\r\n")
        #expect(try refused.readResponse().status == 400)
        #expect(try refused.readToEnd().end == .closed)
    }

    @Test func aResponseThatIsCutOffIsNoOrderlyEnd() throws {
        let backend = try TestBackend { stream, _ in
            _ = try stream.readRequest()
            try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            stream.reset()
        }
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS()
        try stream.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
        #expect(try stream.readToEnd().end == .reset)
    }

    @Test func aBodyWithoutLengthEndsInOrderForAnOldClient() throws {
        let backend = try TestBackend { stream, _ in
            _ = try stream.readRequest()
            try stream.send("HTTP/1.1 200 OK\r\n\r\nall of it")
        }
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS()
        try stream.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n")
        let all = try stream.readToEnd()
        #expect(all.end == .closed)
        #expect(String(decoding: all.bytes, as: UTF8.self).hasSuffix("all of it"))
    }

    @Test func aDrainTellsIdleClientsInOrder() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connectTLS()
        #expect(try stream.get("/").text == "ok")
        gateway.process.signal(SIGTERM)
        let rest = try stream.readToEnd()
        #expect(rest.bytes.isEmpty)
        #expect(rest.end == .closed)
        #expect(try gateway.process.wait() == 0)
    }

    @Test func aRedirectStaysOnHTTPS() throws {
        let backend = try TestBackend()
        let rule =
            "- filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /b}}}]"
        let gateway = try GatewayUnderTest(overTLSTo: backend, rules: rule)
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.connectTLS().get("/a")["location"] == "https://shop.test:8080/b")
        #expect(try gateway.get("/a")["location"] == "http://shop.test/b")
    }

    @Test func otherClientsAgree() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let folder = try TestFolder()
        defer { folder.remove() }
        try folder.write("ca.pem", String(decoding: try TestCertificates.authorityPEM, as: UTF8.self))
        for version in ["-tls1_2", "-tls1_3"] {
            let client = try run([
                "sh", "-c",
                "printf 'GET / HTTP/1.1\\r\\nHost: shop.test\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client \(version) "
                    + "-connect 127.0.0.1:\(gateway.ports.second) -servername shop.test -verify_hostname shop.test "
                    + "-CAfile \(folder.path)/ca.pem -verify_return_error -alpn http/1.1,h2 -ign_eof",
            ])
            #expect(client.code == 0, "\(client.errors)")
            #expect(client.output.contains("HTTP/1.1 200 OK"))
            #expect(client.output.contains("ALPN protocol: http/1.1"))
        }
    }
}
