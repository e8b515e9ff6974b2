import APIServer
import GatewayAPI
import TLS
import Testing

/// HTTPS listeners whose certificates come from Secrets of an API server.
@Suite struct ClusterHTTPSTests {
    private static let key = ObjectKey(namespace: "shop", name: "shop-tls")

    private func cluster(_ backend: TestBackend, api: APIServer? = nil, waitsUntilReady: Bool = true) throws
        -> ClusterGateway
    {
        try ClusterGateway(
            Manifest.gatewayClass,
            Manifest.gateway(
                "- {name: web, protocol: HTTP, port: 80}\n"
                    + Manifest.https("secure", hostname: "shop.test", secrets: "shop-tls")),
            Manifest.secret("shop-tls", try TestCertificates.pair("shop.test")),
            Manifest.secret("other", try TestCertificates.pair("other.test")),
            Manifest.service("app", endpoints: [backend.port]), Manifest.route("web", Manifest.everything(to: "app")),
            api: api, waitsUntilReady: waitsUntilReady)
    }

    @Test func onlyTheSecretsThatAreReferredToAreRead() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try cluster(backend)
        defer { cluster.stop(); backend.close() }
        try eventually("the listener serves") { try cluster.gateway.connectTLS().get("/").text == "ok" }
        let reads = cluster.api.requests.filter { $0.path.hasSuffix("/secrets") }
        #expect(!reads.isEmpty)
        // A Role with resourceNames allows these reads and no others.
        #expect(reads.allSatisfy { $0.path == "/api/v1/namespaces/shop/secrets" })
        #expect(reads.allSatisfy { $0.query.contains("fieldSelector=metadata.name=shop-tls") })
    }

    @Test func aSecretsChangeIsServedWithoutARestart() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try cluster(backend)
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        try eventually("the listener serves") { (try? gateway.connectTLS())?.certificate == "shop.test" }
        let open = try gateway.connectTLS()
        try cluster.api.put(yaml: Manifest.secret("shop-tls", try TestCertificates.pair("new", "shop.test")))
        try eventually("the new certificate is shown") {
            try gateway.connectTLS().certificate == "new"
        }
        #expect(try open.get("/").text == "ok", "connections that are open live on")
    }

    @Test func aBadSecretHurtsItsListenerAlone() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try cluster(backend)
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        try eventually("the listener serves") { (try? gateway.connectTLS()) != nil }
        cluster.api.delete("secrets", Self.key)
        try eventually("it serves no more") { (try? gateway.connectTLS()) == nil }
        #expect(try gateway.get("/").text == "ok")
        try cluster.api.put(yaml: Manifest.secret("shop-tls", try TestCertificates.pair("shop.test")))
        try eventually("it serves again") { (try? gateway.connectTLS()) != nil }
    }

    @Test func secretsThatMayNotBeReadHurtTheirListenerAlone() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let api = try APIServer()
        let fault = api.inject(.failure(403, reason: "Forbidden", on: "/secrets", count: nil))
        let cluster = try cluster(backend, api: api, waitsUntilReady: false)
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        try eventually("the plain listener serves") { (try? gateway.get("/").status) == 200 }
        #expect((try? gateway.connectTLS()) == nil)
        try eventually("it is told") { gateway.process.standardError.contains("secrets") }
        api.remove(fault: fault)
        try eventually("the listener serves as soon as it may") { (try? gateway.connectTLS()) != nil }
    }
}
