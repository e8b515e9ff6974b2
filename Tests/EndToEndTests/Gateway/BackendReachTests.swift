import Testing

/// Where Backends and EndpointSlices do not lead.
@Suite struct BackendReachTests {
    private static func backend(_ host: String, port: Int) -> String {
        """
        apiVersion: gateway.kgateway.dev/v1alpha1
        kind: Backend
        metadata: {name: external, namespace: shop}
        spec: {type: Static, static: {hosts: [{host: "\(host)", port: \(port)}]}}

        """
    }

    private static let route = Manifest.route(
        "web", "- backendRefs: [{group: gateway.kgateway.dev, kind: Backend, name: external}]")

    @Test func whatANameResolvesToIsJudgedWheneverItChanges() throws {
        let port = try Ports.block().first
        let allowed = try TestBackend("127.0.0.2", port: port, script: TestBackend.answers("allowed"))
        let other = try TestBackend("127.0.0.3", port: port, script: TestBackend.answers("other"))
        let dns = try DNSServer(["api.example.test": ["127.0.0.2", "127.0.0.3"]], ttl: 1)
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Self.backend("api.example.test", port: port), Self.route,
            flags: ["--resolvers", "127.0.0.1:\(dns.port)", "--allow-backend-networks", "127.0.0.2/32"])
        defer { gateway.stop(); allowed.close(); other.close(); dns.close() }
        try eventually("the name is resolved") { try gateway.get("/").text == "allowed" }
        for _ in 0..<20 { #expect(try gateway.get("/").text == "allowed", "the other address is passed over") }
        dns.set("api.example.test", ["127.0.0.3"])
        try eventually("no address is left") { try gateway.get("/").status == 503 }
        #expect(other.connections == 0)
        dns.set("api.example.test", ["127.0.0.2"])
        try eventually("it is used again") { try gateway.get("/").text == "allowed" }
    }

    @Test func loopbackIsRefusedUnlessTheOperatorAllowsIt() throws {
        let backend = try TestBackend(script: TestBackend.answers("secret"))
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Self.backend("localhost", port: backend.port), Self.route)
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.get("/").status == 500)
        #expect(try gateway.tells("Backend shop/external", "--allow-backend-networks"))
    }

    @Test func noResourceLeadsToTheProxysOwnPorts() throws {
        let folder = try TestFolder()
        try folder.makeFolder("manifests")
        let gateway = try GatewayUnderTest(
            folder, source: ["--manifests", folder.path + "/manifests"],
            flags: ["--allow-backend-networks", "127.0.0.0/8"], waitsUntilReady: false)
        defer { gateway.stop() }
        let rules = """
            - matches: [{path: {value: /endpoints}}]
              backendRefs: [{name: admin, port: 80}]
            - matches: [{path: {value: /metrics}}]
              backendRefs: [{name: telemetry, port: 80}]
            - matches: [{path: {value: /snapshot}}]
              backendRefs: [{group: gateway.kgateway.dev, kind: Backend, name: external}]
            """
        try folder.write(
            "manifests/main.yaml",
            Manifest.list([
                Manifest.gateway(), Manifest.service("admin", endpoints: [gateway.ports.admin]),
                Manifest.service("telemetry", endpoints: [gateway.ports.telemetry]),
                Self.backend("127.0.0.1", port: gateway.ports.admin), Manifest.route("web", rules),
            ]))
        try gateway.waitUntilReady()
        for path in ["/endpoints", "/metrics", "/snapshot"] {
            #expect(try gateway.get(path).status == 503, "\(path)")
        }
    }

    @Test func noListenerTakesAPortThatTheProcessServesItsOperatorAt() throws {
        let folder = try TestFolder()
        try folder.makeFolder("manifests")
        let gateway = try GatewayUnderTest(
            folder, source: ["--manifests", folder.path + "/manifests"], waitsUntilReady: false)
        defer { gateway.stop() }
        let own = gateway.ports.admin - gateway.ports.offset
        try folder.write(
            "manifests/main.yaml",
            Manifest.list([
                Manifest.gateway(
                    "- {name: web, protocol: HTTP, port: 80}\n- {name: own, protocol: HTTP, port: \(own)}")
            ]))
        try gateway.waitUntilReady()
        #expect(gateway.process.standardError.contains("its port is the process's own"))
        for _ in 0..<20 { #expect(try gateway.admin("GET", "/log-level").text == "info\n") }
    }
}
