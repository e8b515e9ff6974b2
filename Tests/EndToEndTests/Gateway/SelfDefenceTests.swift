import Glibc
import Testing

/// What an ordinary mistake or an ordinary client must not cost.
@Suite struct SelfDefenceTests {
    @Test func anEndpointThatIsTheGatewaysOwnDoorIsALoop() throws {
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", endpoints: []),
            Manifest.route("web", Manifest.everything(to: "app")))
        defer { gateway.stop() }
        try gateway.folder.write("manifests/slice.yaml", Manifest.slice("app-0", of: "app", port: gateway.ports.first))
        try eventually("the endpoint is known") { try gateway.get("/").status == 508 }
        let metrics = try gateway.metrics()
        #expect(metrics.sum("weir_loop_refusals_total") >= 1)
        #expect(metrics.sum("weir_upstream_connections_total") == 0)
    }

    @Test func aClientThatEndedItsStreamIsNotWaitedForForEver() throws {
        let backend = try TestBackend(script: { stream, _ in _ = try stream.readToEnd() })
        let gateway = try GatewayUnderTest(to: backend, flags: ["--body-idle-timeout", "300ms"])
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try eventually("the request is served") { try gateway.metrics().sum("weir_requests_active") == 1 }
        stream.shutdownWrite()
        try eventually("the exchange has ended") { try gateway.metrics().sum("weir_requests_active") == 0 }
    }

    @Test(arguments: [
        "Content-Length: 11\r\n\r\nhello world", "Transfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n",
    ])
    func aBodyOverTheLimitIsAnswered413(_ rest: String) throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend, flags: ["--max-body-bytes", "10"])
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        try stream.send("POST / HTTP/1.1\r\nHost: a\r\n" + rest)
        #expect(try stream.readResponse().status == 413)
        #expect(try stream.readToEnd().bytes.isEmpty)
        let whole = try gateway.connect().exchange(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhelloworld")
        #expect(whole.status == 200, "a body of just the limit passes")
    }

    @Test func strangersCannotSpeakInForwarded() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend)
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.get("/", "Forwarded: for=10.0.0.1").status == 200)
        #expect(!backend.allReceived.lowercased().contains("forwarded: for="))
    }

    @Test func aHeaderFilterThatSetsHostWritesTheOneHost() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(
            to: backend,
            rules: """
                - filters:
                  - type: RequestHeaderModifier
                    requestHeaderModifier: {set: [{name: Host, value: inner.test}]}
                  - type: URLRewrite
                    urlRewrite: {hostname: other.test}
                  backendRefs: [{name: app, port: 80}]
                """)
        defer { gateway.stop(); backend.close() }
        let stream = try gateway.connect()
        let response = try stream.exchange("GET http://shop.test/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(response.status == 200)
        let hosts = backend.allReceived.lowercased().split(separator: "\r\n").filter { $0.hasPrefix("host:") }
        #expect(hosts == ["host: inner.test"])
    }

    @Test func lateInADrainTheDoorsCloseAndTheProcessEndsThoughClientsKeepComing() throws {
        let backend = try TestBackend()
        let gateway = try GatewayUnderTest(to: backend, flags: ["--drain-timeout", "30s"])
        defer { gateway.stop(); backend.close() }
        let held = try gateway.connect()
        try held.send("GET /held HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
        try eventually("the request is served") { try gateway.metrics().sum("weir_requests_active") == 1 }
        gateway.process.signal(SIGTERM)
        try eventually("the doors are closed") { (try? gateway.connect()) == nil }
        try held.send("x")
        #expect(try held.readResponse().status == 200)
        try eventually("the process has ended") { !gateway.process.isRunning }
    }
}
