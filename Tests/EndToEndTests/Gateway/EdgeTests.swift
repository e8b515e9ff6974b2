import Foundation
import Glibc
import Testing

/// What a gateway takes from strangers, and what it says to whom.
@Suite struct EdgeTests {
    private static let claims = [
        "X-Forwarded-Prefix: /admin", "X-Real-IP: 6.6.6.6", "True-Client-IP: 6.6.6.6", "X-SSL-Client-Verify: SUCCESS",
        "X-Original-URL: /admin", "X-Envoy-Internal: true", "Forwarded: for=6.6.6.6",
    ]

    @Test func whoTheClientIsComesFromTrustedPeersOnly() throws {
        let backend = try TestBackend()
        defer { backend.close() }
        for isTrusted in [false, true] {
            let gateway = try GatewayUnderTest(
                to: backend, flags: isTrusted ? ["--trust-forwarded-from", "127.0.0.0/8"] : [])
            defer { gateway.stop() }
            let stream = try gateway.connect()
            try stream.send(
                "GET / HTTP/1.1\r\nHost: a\r\nX-Kept: 1\r\nProxy: http://evil.test\r\nweir-anything: 1\r\n"
                    + Self.claims.map { $0 + "\r\n" }.joined() + "\r\n")
            let seen = try stream.readResponse().text.lowercased()
            for claim in Self.claims { #expect(seen.contains(claim.lowercased()) == isTrusted, "\(claim)") }
            #expect(seen.contains("x-kept: 1") && !seen.contains("\nproxy:") && !seen.contains("weir-anything"))
        }
    }

    @Test func membersOfATrustedPeersFieldsThatSayNothingAreDropped() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend, flags: ["--trust-forwarded-from", "127.0.0.0/8"])
        defer { gateway.stop(); backend.close() }
        let empty = Message.parse(
            Array(
                try gateway.get("/", "X-Forwarded-For:", "X-Forwarded-Proto:").text.replacing("\n", with: "\r\n").utf8))
        #expect(empty.values("x-forwarded-for") == ["127.0.0.1"])
        #expect(empty.values("x-forwarded-proto") == ["http"])
        let mixed = Message.parse(
            Array(
                try gateway.get(
                    "/", "X-Forwarded-For: 1.2.3.4,, unknown", "X-Forwarded-For: [fd00::1]:80",
                    "X-Forwarded-Proto: gopher, https", "X-Forwarded-Host: a b", "X-Forwarded-Host: front.test"
                ).text.replacing("\n", with: "\r\n").utf8))
        #expect(mixed.values("x-forwarded-for") == ["1.2.3.4, [fd00::1]:80, 127.0.0.1"])
        #expect(mixed.values("x-forwarded-proto") == ["https"])
        #expect(mixed.values("x-forwarded-host") == ["front.test"])
    }

    @Test func elementsOfATrustedPeersForwardedThatAreMalformedAreLeftOut() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend, flags: ["--trust-forwarded-from", "127.0.0.0/8"])
        defer { gateway.stop(); backend.close() }
        let mixed = Message.parse(
            Array(
                try gateway.get(
                    "/", "Forwarded: for=1.2.3.4;proto=https, , for=5.6.7.8:80, for=_hidden",
                    "Forwarded: for=\"[fd00::1]:80\"", "Forwarded: for=9.9.9.9, host=\"a, for=6.6.6.6", "Forwarded:"
                ).text.replacing("\n", with: "\r\n").utf8))
        #expect(
            mixed.values("forwarded") == [
                "for=1.2.3.4;proto=https, for=_hidden, for=\"[fd00::1]:80\", for=9.9.9.9"
            ])
        #expect(mixed.values("x-forwarded-for") == ["127.0.0.1"])
        let none = try gateway.get("/", "Forwarded: for=\"1.2.3.4", "Forwarded: , ;").text.lowercased()
        #expect(!none.contains("forwarded: for"))
        #expect(!none.contains("\nforwarded"))
    }

    @Test func namesThatMayStandForOthersAreRefusedUnlessAllowed() throws {
        let backend = try TestBackend()
        defer { backend.close() }
        let strict = try GatewayUnderTest(to: backend)
        defer { strict.stop() }
        #expect(try strict.get("/", host: "a", "X_User: root").status == 400)
        let lenient = try GatewayUnderTest(to: backend, flags: ["--allow-underscores"])
        defer { lenient.stop() }
        let seen = try lenient.get("/", host: "a", "X_User: ana", "X_Forwarded_For: 6.6.6.6").text
        #expect(seen.contains("X_User: ana") && !seen.contains("X_Forwarded_For"))
    }

    @Test func removingAFieldRemovesItsOtherSpellings() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(
            to: backend,
            rules: """
                - backendRefs: [{name: app, port: 80}]
                  filters:
                  - {type: RequestHeaderModifier, requestHeaderModifier: {remove: [X-User], set: [{name: X-Role, value: guest}]}}
                """, flags: ["--allow-underscores"])
        defer { gateway.stop(); backend.close() }
        let seen = try gateway.get("/", host: "a", "X_User: root", "x-role: admin", "X_Role: admin", "X-Users: 1").text
        #expect(!seen.contains("root") && !seen.contains("admin"))
        #expect(seen.contains("X-Role: guest") && seen.contains("X-Users: 1"))
    }

    @Test func whatARouteSaysOfTheClientStandsAlone() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(
            to: backend,
            rules: """
                - backendRefs: [{name: app, port: 80}]
                  filters:
                  - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-Forwarded-For, value: 1.2.3.4}], remove: [x-forwarded-host]}}
                """)
        defer { gateway.stop(); backend.close() }
        let seen = Message.parse(Array(try gateway.get("/").text.replacing("\n", with: "\r\n").utf8))
        #expect(seen.values("x-forwarded-for") == ["1.2.3.4"] && seen.values("x-forwarded-host") == [])
        #expect(seen.values("x-forwarded-proto") == ["http"])
    }

    @Test func loopsEndAtTheTenthProxyAndCostOneRequest() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        #expect(try stream.get("/").text.contains("weir-hops: 1"))
        #expect(try stream.get("/", "weir-hops: 8", "Connection: weir-hops").text.contains("weir-hops: 9"))
        try stream.send("POST / HTTP/1.1\r\nHost: a\r\nweir-hops: 9\r\nContent-Length: 2\r\n\r\nab")
        let ended = try stream.readResponse()
        #expect(ended.status == 508 && !ended.closes)
        #expect(try stream.get("/", "weir-hops: x").status == 508)
        #expect(try stream.get("/").status == 200, "the connection goes on")
    }

    /// Each is the other's endpoint, and knows only its own address.
    @Test func twoGatewaysThatForwardToEachOtherAnswer508() throws {
        let folder = try TestFolder()
        try folder.makeFolder("one")
        try folder.makeFolder("two")
        let one = try GatewayUnderTest(folder, source: ["--manifests", folder.path + "/one"], waitsUntilReady: false)
        let two = try GatewayUnderTest(
            TestFolder(), source: ["--manifests", folder.path + "/two"], waitsUntilReady: false)
        defer { one.stop(); two.stop() }
        for (name, other) in [("one", two), ("two", one)] {
            try folder.write(
                "\(name)/main.yaml",
                Manifest.list([
                    Manifest.gateway(), Manifest.service("app", endpoints: [other.ports.first]),
                    Manifest.route("web", Manifest.everything(to: "app")),
                ]))
        }
        try one.waitUntilReady()
        try two.waitUntilReady()
        #expect(try one.get("/").status == 508)
        try two.counts(1, "weir_loop_refusals_total")
    }

    @Test func everyAnswerHasADateAndAnOriginsOwnStays() throws {
        let dateless = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(to: dateless)
        defer { gateway.stop(); dateless.close() }
        let pattern = try Regex("^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$")
        let stream = try gateway.connect()
        let answers = [
            try stream.get("/"), try gateway.get("/%"),
            try gateway.connect().exchange("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        ]
        #expect(answers.map(\.status) == [200, 400, 400])
        for answer in answers {
            #expect(answer.values("date").count == 1)
            #expect(try pattern.wholeMatch(in: answer["date"] ?? "") != nil)
        }
        let dated = try TestBackend(
            script: TestBackend.answers("ok", fields: "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"))
        let other = try GatewayUnderTest(to: dated)
        defer { other.stop(); dated.close() }
        #expect(try other.get("/").values("date") == ["Sun, 06 Nov 1994 08:49:37 GMT"])
    }

    @Test func aRequestOfHTTP10WithoutHostIsRoutedAsOneWithoutAHost() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let answer = try gateway.connect().exchange("OPTIONS / HTTP/1.0\r\n\r\n", method: "OPTIONS")
        #expect(answer.status == 200)
        #expect(answer.text.contains("host: 127.0.0.1:\(gateway.ports.first)"))
        #expect(!answer.text.contains("x-forwarded-host"))
        #expect(try gateway.connect().exchange("OPTIONS / HTTP/1.1\r\n\r\n", method: "OPTIONS").status == 400)
    }

    @Test(arguments: ["a..b", ".a", ".", "a!b", "a,b", "(a)", "a'b"]) func aHostThatIsNoHostNameIsRefused(
        _ host: String
    ) throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.get("/", host: host).status == 400)
        #expect(try gateway.get("/", host: "my_shop.test.").status == 200)
    }

    @Test(arguments: [
        "Upgrade: mqtt\r\nConnection: Upgrade\r\n", "Connection: Upgrade\r\n", "Upgrade: websocket\r\n", "",
    ])
    func aProtocolThatNobodyAskedForIsNotSwitchedTo(_ lines: String) throws {
        let backend = try TestBackend(
            script: TestBackend.sends("HTTP/1.1 101 Switching Protocols\r\n\(lines)\r\nTUNNEL"))
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let answer = try gateway.connect().get("/", "Connection: Upgrade", "Upgrade: websocket")
        #expect(answer.status == 502 && !answer.text.contains("TUNNEL"))
    }

    /// The endpoint refuses from the head alone, and its kernel resets because the body is not read.
    @Test func anEarlyRefusalReachesTheClient() throws {
        let backend = try TestBackend { stream, _ in
            _ = try stream.read(through: "\r\n\r\n")
            // Until the kernels between have taken what they take, so that writing is what fails.
            try eventually("the body has come") { try bytesWaiting(stream) > 20_000 }
            try stream.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
        }
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        for _ in 0..<10 {
            let stream = try gateway.connect()
            try stream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n")
            let part = [UInt8](repeating: 0x78, count: 65_536)
            for _ in 0..<300 where (try? stream.send(part)) == nil { break }
            let answer = try stream.readResponse(to: "POST")
            #expect(answer.status == 413 && answer.closes)
        }
    }

    @Test func anEndpointThatAnswersEarlyAndReadsOnGetsTheWholeBody() throws {
        let backend = try TestBackend { stream, _ in
            while try stream.read(through: "\r\n\r\n") != nil {
                try stream.send("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok")
                _ = try stream.read(10)
            }
        }
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        for number in 0..<3 {
            try stream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n\(number)1234")
            let answer = try stream.readResponse(to: "POST")
            #expect(answer.status == 202 && !answer.closes)
            try stream.send(number == 1 ? "56789" : "56789\r\n")
        }
        try eventually("all bodies are whole") { backend.allReceived.hasSuffix("2123456789") }
        #expect(backend.connections == 1 && backend.allReceived.contains("1123456789"))
        try stream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0")
        #expect(try stream.readResponse(to: "POST").status == 202)
        stream.close()
        try eventually("a client that leaves then takes the connection with it") { backend.openConnections == 0 }
        try gateway.counts(0, "weir_requests_total", "flag=\"client_disconnect\"")
    }

    @Test func anAnswerBeforeTheBodyIsWholeAnnouncesTheEndWhereNobodyReadsOn() throws {
        let backend = try TestBackend { stream, _ in
            _ = try stream.read(through: "\r\n\r\n")
            try stream.send("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
            _ = try stream.readToEnd()
        }
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234")
        let answer = try stream.readResponse(to: "POST")
        #expect(answer.status == 401 && answer.closes)
    }

    @Test func anAuthenticatedConnectionStaysWithItsClient() throws {
        let backend = try TestBackend { stream, number in
            while let request = try stream.readRequest() {
                let asks = request["authorization"] == nil && request.target == "/secret"
                let head = asks ? "401 Unauthorized\r\nWWW-Authenticate: NTLM" : "200 OK"
                try stream.send("HTTP/1.1 \(head)\r\nContent-Length: 1\r\n\r\n\(number)")
            }
        }
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let (ana, ben) = (try gateway.connect(), try gateway.connect())
        #expect(try ana.get("/secret").text == "0")
        #expect(try ana.get("/secret", "Authorization: NTLM one").text == "0", "the handshake stays on its connection")
        #expect(try ben.get("/").text == "1", "nobody else gets it")
        #expect(try ana.get("/").text == "0")
        ana.close()
        try eventually("it ends with its client") { backend.openConnections == 1 }
        #expect(try ben.get("/").text == "1")
    }

    @Test func whatComesUnaskedShiftsNoConnection() throws {
        let backend = try TestBackend { stream, number in
            if number == 0 {
                _ = try stream.readRequest()
                try stream.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
                _ = try stream.readToEnd()
            }
            while try stream.readRequest() != nil {
                try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
                try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
                // The gateway has seen it when it ends the connection.
                _ = try stream.readToEnd()
            }
        }
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        #expect(try stream.get("/").text == "ok")
        for _ in 0..<5 {
            #expect(try stream.get("/").text == "good")
            try eventually("the connection is given up") { backend.openConnections == 0 }
        }
    }
}

/// Bytes that a socket has received and nobody has read.
private func bytesWaiting(_ stream: TCPStream) throws -> Int {
    var count: Int32 = 0
    guard ioctl(stream.descriptor, UInt(FIONREAD), &count) == 0 else { throw Failure.system("ioctl") }
    return Int(count)
}
