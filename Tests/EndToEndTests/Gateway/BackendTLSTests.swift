import Testing

/// A gateway opens no plaintext connection to what is to be called over TLS.
@Suite struct BackendTLSTests {
    private static func policy(_ service: String) -> String {
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: tls, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: \(service)}]
          validation: {hostname: app.test, wellKnownCACertificates: System}

        """
    }

    @Test func aServiceOfABackendTLSPolicyAnswers500AndIsNotCalled() throws {
        let backend = try TestBackend(script: TestBackend.answers("plain"))
        let gateway = try GatewayUnderTest(
            Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")), Self.policy("app"))
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.get("/").status == 500)
        #expect(backend.connections == 0)
        #expect(try gateway.tells("HTTPRoute shop/web", "BackendTLSPolicy shop/tls asks for TLS"))
        try gateway.folder.write(
            "manifests/main.yaml",
            Manifest.list([
                Manifest.gateway(), Manifest.service("app", endpoints: [backend.port]),
                Manifest.route("web", Manifest.everything(to: "app")), Self.policy("another"),
            ]))
        try eventually("the policy is for another Service") { try gateway.get("/").text == "plain" }
    }

    @Test func aGatewayThatIsToShowACertificateCallsNoBackend() throws {
        let backend = try TestBackend(script: TestBackend.answers("plain"))
        let gateway = try GatewayUnderTest(
            Manifest.gateway() + "  tls: {backend: {clientCertificateRef: {name: client}}}\n",
            Manifest.service("app", endpoints: [backend.port]), Manifest.route("web", Manifest.everything(to: "app")))
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.get("/").status == 500)
        #expect(backend.connections == 0)
        #expect(try gateway.tells("Gateway shop/edge", "spec.tls.backend"))
    }
}
