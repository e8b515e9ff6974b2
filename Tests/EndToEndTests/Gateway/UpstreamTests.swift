import Synchronization
import Testing

/// What becomes of a request when its endpoint fails, lies, or is not there.
@Suite struct UpstreamTests {
    private func gateway(_ script: @escaping TestBackend.Script, rules: String? = nil) throws -> (
        GatewayUnderTest, TestBackend
    ) {
        let backend = try TestBackend(script: script)
        return (try GatewayUnderTest(to: backend, rules: rules), backend)
    }

    @Test func theRequestTimeoutAnswers504() throws {
        let (gateway, backend) = try gateway(
            TestBackend.silent, rules: Manifest.everything(to: "app", "timeouts: {request: 200ms}"))
        defer { gateway.stop(); backend.close() }
        let start = Clock.now()
        #expect(try gateway.get("/").status == 504)
        #expect(Clock.now() - start >= 150)
        try gateway.counts(1, "weir_requests_total", "flag=\"request_timeout\"")
    }

    @Test func theBackendRequestTimeoutAnswers504() throws {
        let (gateway, backend) = try gateway(
            TestBackend.silent, rules: Manifest.everything(to: "app", "timeouts: {request: 1h, backendRequest: 200ms}"))
        defer { gateway.stop(); backend.close() }
        let start = Clock.now()
        #expect(try gateway.get("/").status == 504)
        #expect(Clock.now() - start >= 150)
        try gateway.counts(1, "weir_requests_total", "flag=\"backend_timeout\"")
    }

    @Test func aTimeoutWithinTheResponseCutsTheConnection() throws {
        let (gateway, backend) = try gateway(
            { stream, _ in
                _ = try stream.readRequest()
                try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
                _ = try stream.receive(within: forever)
            }, rules: Manifest.everything(to: "app", "timeouts: {request: 200ms}"))
        defer { gateway.stop(); backend.close() }
        // A head that comes too late, from a backend that was held up, is a 504.
        try eventually("the timeout falls into the response") {
            let stream = try gateway.connect()
            try stream.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let cut = String(decoding: try stream.readToEnd().bytes, as: UTF8.self)
            return cut.hasPrefix("HTTP/1.1 200") && cut.hasSuffix("half")
        }
        #expect(try gateway.metrics().sum("weir_requests_total", "flag=\"request_timeout\"") >= 1)
    }

    @Test func aTimeoutOfZeroNeverFires() throws {
        let (gateway, backend) = try gateway(
            { stream, _ in
                _ = try stream.readRequest()
                _ = stream.isReadable(within: 300)
                try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
            }, rules: Manifest.everything(to: "app", "timeouts: {request: 0s, backendRequest: 0s}"))
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.get("/").text == "late")
    }

    @Test(arguments: [true, false])
    func anEndpointThatGoesAwayBeforeItsAnswerGives502(byReset: Bool) throws {
        let (gateway, backend) = try gateway { stream, _ in
            _ = try stream.readRequest()
            if byReset { stream.reset() }
        }
        defer { gateway.stop(); backend.close() }
        let response = try gateway.get("/")
        #expect(response.status == 502)
        #expect(response["server"] == "weir")
        try gateway.counts(1, "weir_requests_total", "flag=\"upstream_reset\"")
    }

    static let badResponses = [
        "nonsense\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nX : a\r\n\r\n", "HTTP/1.1 200 OK\nX: a\n\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    ]

    @Test(arguments: badResponses)
    func aResponseThatViolatesHTTPGives502(_ response: String) throws {
        let (gateway, backend) = try gateway(TestBackend.sends(response))
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        #expect(try stream.get("/").status == 502)
        try gateway.counts(1, "weir_requests_total", "flag=\"upstream_bad_response\"")
    }

    static let truncated = [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
    ]

    @Test(arguments: truncated)
    func aTruncatedResponseIsNeverAWholeOne(_ response: String) throws {
        let (gateway, backend) = try gateway { stream, _ in
            _ = try stream.readRequest()
            try stream.send(response)
        }
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(throws: Failure.self) { try stream.readResponse() }
    }

    @Test func bytesBehindAResponseAreNotTheNextResponse() throws {
        let (gateway, backend) = try gateway(
            TestBackend.sends(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"))
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        for _ in 0..<5 { #expect(try stream.get("/").text == "ok") }
    }

    @Test func withoutReadyEndpointsTheAnswerIs503AtOnce() throws {
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", endpoints: []),
            Manifest.slice("app-x", of: "app", port: 9, conditions: "{ready: false, serving: false}"),
            Manifest.route("web", Manifest.everything(to: "app")))
        defer { gateway.stop() }
        #expect(try gateway.get("/").status == 503)
        try gateway.counts(1, "weir_requests_total", "flag=\"no_endpoint\"")
    }

    @Test func aRefusedConnectionMovesToTheOtherEndpointAndTheRefuserIsEjected() throws {
        let good = try TestBackend(script: TestBackend.answers("good"))
        let gone = try TestBackend(isListening: false)
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", endpoints: [good.port, gone.port]),
            Manifest.route("web", Manifest.everything(to: "app")))
        defer { gateway.stop(); good.close(); gone.close() }
        for _ in 0..<30 { #expect(try gateway.get("/").text == "good") }
        let metrics = try gateway.metrics()
        #expect(metrics.sum("weir_ejections_total") >= 1)
        #expect(
            (1...10).contains(metrics.sum("weir_upstream_connect_failures_total")),
            "it is not dialled for every request")
        #expect(metrics.sum("weir_repicks_total") == metrics.sum("weir_upstream_connect_failures_total"))
    }

    @Test func anEjectedEndpointServesAgainOnceItAccepts() throws {
        let good = try TestBackend(script: TestBackend.answers("good"))
        let gone = try TestBackend(isListening: false, script: TestBackend.answers("back"))
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", endpoints: [good.port, gone.port]),
            Manifest.route("web", Manifest.everything(to: "app")))
        defer { gateway.stop(); good.close(); gone.close() }
        try eventually("the endpoint is ejected") {
            _ = try gateway.get("/")
            return try gateway.metrics().sum("weir_ejections_total") >= 1
        }
        try gone.listen()
        try eventually("it serves again") { try gateway.get("/").text == "back" }
    }

    @Test func endpointsComeAndGoWithTheirSlices() throws {
        let (one, two) = (
            try TestBackend(script: TestBackend.answers("one")), try TestBackend(script: TestBackend.answers("two"))
        )
        let gateway = try GatewayUnderTest(to: one)
        defer { gateway.stop(); one.close(); two.close() }
        let stream = try gateway.connect()
        #expect(try stream.get("/").text == "one")
        try gateway.folder.write("manifests/two.yaml", Manifest.slice("app-two", of: "app", port: two.port))
        try eventually("the new endpoint is used") { try stream.get("/").text == "two" }
        try gateway.folder.write(
            "manifests/main.yaml",
            Manifest.list([
                Manifest.gateway(), Manifest.service("app", endpoints: []),
                Manifest.route("web", Manifest.everything(to: "app")),
            ]))
        try eventually("the old endpoint is gone") {
            try (0..<20).allSatisfy { _ in try stream.get("/").text == "two" }
        }
    }

    @Test func interimResponsesPassBeforeTheFinalOne() throws {
        let (gateway, backend) = try gateway(
            TestBackend.sends(
                "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        for _ in 0..<2 {
            try stream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let interim = try stream.readOneResponse()
            #expect(interim.status == 103)
            #expect(interim["link"] == "</a.css>")
            #expect(try stream.readOneResponse().text == "ok")
        }
    }

    @Test func grpcCallersGetTheMatchingStatus() throws {
        let (gateway, backend) = try gateway(
            TestBackend.answers(),
            rules: "- matches: [{path: {value: /known}}]\n  backendRefs: [{name: absent, port: 80}]")
        defer { gateway.stop(); backend.close() }
        let unknown = try gateway.get("/pkg.Service/Call", "Content-Type: application/grpc")
        #expect(unknown.status == 200)
        #expect(unknown["grpc-status"] == "12")
        #expect(try gateway.get("/known", "Content-Type: application/grpc+proto")["grpc-status"] != nil)
    }

    @Test func whenNoEndpointAcceptsTheAnswerIs503() throws {
        let gone = try TestBackend(isListening: false)
        let gateway = try GatewayUnderTest(to: gone)
        defer { gateway.stop(); gone.close() }
        #expect(try gateway.get("/").status == 503)
    }

    /// Answers one request per connection and closes when the next one arrives, as a server does that has timed it out.
    private static let closesOnSecond: TestBackend.Script = { stream, _ in
        _ = try stream.readRequest()
        try stream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        _ = try stream.receive(limit: 1)
        stream.reset()
    }

    @Test func aStalePooledConnectionIsRetriedForGET() throws {
        let (gateway, backend) = try gateway(UpstreamTests.closesOnSecond)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        #expect(try stream.get("/1").text == "ok")
        #expect(try stream.get("/2").text == "ok")
        #expect(backend.connections == 2)
    }

    @Test func aStalePooledConnectionIsNotRetriedForPOST() throws {
        let (gateway, backend) = try gateway(UpstreamTests.closesOnSecond)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        #expect(try stream.get("/1").text == "ok")
        let response = try stream.exchange("POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
        #expect(response.status == 502)
        #expect(backend.connections == 1)
    }

    @Test func aPooledConnectionThatTheEndpointHasClosedIsNotUsed() throws {
        let (gateway, backend) = try gateway(TestBackend.answers("ok"))
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        #expect(try stream.get("/1").text == "ok")
        backend.dropConnections()
        try eventually("the pool has noticed") { try gateway.metrics().sum("weir_upstream_connections_idle") == 0 }
        #expect(try stream.exchange("POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody").text == "ok")
    }

    @Test func aClientThatLeavesEndsItsRequestAtTheEndpoint() throws {
        let (gateway, backend) = try gateway(TestBackend.silent)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try eventually("the request has arrived") {
            backend.openConnections == 1 && backend.received().hasSuffix("\r\n\r\n")
        }
        stream.reset()
        try eventually("the endpoint's connection has ended") { backend.openConnections == 0 }
        try gateway.counts(1, "weir_requests_total", "flag=\"client_disconnect\"")
    }

    @Test func hostsOfABackendThatAreAddressesAreDialledAsTheyAre() throws {
        let port = try Ports.block().first
        let (one, two) = (
            try TestBackend("127.0.0.2", port: port, script: TestBackend.answers("one")),
            try TestBackend("::1", port: port, script: TestBackend.answers("two"))
        )
        let gateway = try GatewayUnderTest(
            Manifest.gateway(),
            """
            apiVersion: gateway.kgateway.dev/v1alpha1
            kind: Backend
            metadata: {name: external, namespace: shop}
            spec:
              static: {hosts: [{host: 127.0.0.2, port: \(port)}, {host: "::1", port: \(port)}]}

            """,
            Manifest.route("web", "- backendRefs: [{group: gateway.kgateway.dev, kind: Backend, name: external}]"),
            flags: ["--allow-backend-networks", "127.0.0.0/8,::1"])
        defer { gateway.stop(); one.close(); two.close() }
        let stream = try gateway.connect()
        var seen: Set<String> = []
        for _ in 0..<100 { seen.insert(try stream.get("/").text) }
        #expect(seen == ["one", "two"])
    }

    @Test func hostsOfABackendAreResolvedAndFollowed() throws {
        let port = try Ports.block().first
        let backend = try TestBackend("127.0.0.2", port: port, script: TestBackend.answers("first"))
        let other = try TestBackend("127.0.0.3", port: port, script: TestBackend.answers("second"))
        let dns = try DNSServer(["api.example.test": ["127.0.0.2"]], ttl: 1)
        let gateway = try GatewayUnderTest(
            Manifest.gateway(),
            """
            apiVersion: gateway.kgateway.dev/v1alpha1
            kind: Backend
            metadata: {name: external, namespace: shop}
            spec:
              type: Static
              static: {hosts: [{host: api.example.test, port: \(port)}]}

            """,
            Manifest.route("web", "- backendRefs: [{group: gateway.kgateway.dev, kind: Backend, name: external}]"),
            flags: ["--resolvers", "127.0.0.1:\(dns.port)", "--allow-backend-networks", "127.0.0.0/8"])
        defer { gateway.stop(); backend.close(); other.close(); dns.close() }
        try eventually("the name is resolved") { try gateway.get("/").text == "first" }
        #expect(!backend.allReceived.contains("weir-routed"), "hosts outside the cluster learn nothing of its names")
        dns.set("api.example.test", ["127.0.0.3"])
        try eventually("the new address is used") { try gateway.get("/").text == "second" }
    }
}
