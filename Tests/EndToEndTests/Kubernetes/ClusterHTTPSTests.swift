import APIServer
import GatewayAPI
import TLS
import Testing

/// HTTPS listeners whose certificates come from Secrets of an API server.
@Suite struct ClusterHTTPSTests {
    private static let key = ObjectKey(namespace: "shop", name: "shop-tls")

    private static func gateway(_ secret: String) -> String {
        Manifest.gateway(
            "- {name: web, protocol: HTTP, port: 80}\n"
                + Manifest.https("secure", hostname: "shop.test", secrets: secret))
    }

    private func cluster(
        _ backend: TestBackend, api: APIServer? = nil, secret: String = "shop-tls", waitsUntilReady: Bool = true
    ) throws -> ClusterGateway {
        try ClusterGateway(
            Manifest.gatewayClass, Self.gateway(secret),
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

    /// As it is deleted and made anew by a re-issue, or replaced by a bad one.
    @Test func aSecretThatGoesOrBreaksTakesNothingWithIt() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try cluster(backend)
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        try eventually("the listener serves") { (try? gateway.connectTLS()) != nil }
        let open = try gateway.connectTLS()
        #expect(try open.get("/").text == "ok")
        func expectService(_ change: String) throws {
            try eventually("\(change) is told of") {
                try gateway.tells("goes on serving with the certificate that it had", "shop/shop-tls \(change)")
            }
            #expect(try open.get("/").text == "ok", "\(change)")
            let new = try gateway.connectTLS()
            #expect(try new.get("/").text == "ok" && new.certificate == "shop.test", "\(change)")
        }
        cluster.api.delete("secrets", Self.key)
        try expectService("does not exist")
        let (one, other) = (try TestCertificates.pair("shop.test"), try TestCertificates.pair("shop.test"))
        try cluster.api.put(yaml: Manifest.secret("shop-tls", (one.certificate, other.key)))
        try expectService("cannot be used")
        try cluster.api.put(yaml: Manifest.secret("shop-tls", try TestCertificates.pair("new", "shop.test")))
        try eventually("the new one is served") { try gateway.connectTLS().certificate == "new" }
        #expect(try open.get("/").text == "ok")
    }

    @Test func aSecretThatIsMissingFromTheStartHurtsItsListenerAlone() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let api = try APIServer()
        let cluster = try cluster(backend, api: api, secret: "late")
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        #expect(try gateway.get("/").text == "ok")
        #expect((try? gateway.connectTLS()) == nil)
        try api.put(yaml: Manifest.secret("late", try TestCertificates.pair("shop.test")))
        try eventually("it serves") { (try? gateway.connectTLS()) != nil }
    }

    /// What is not referred to any more is not even read, and so is not kept.
    @Test func anotherSecretInTheReferenceEndsWhatWasKept() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let cluster = try cluster(backend)
        defer { cluster.stop(); backend.close() }
        let gateway = cluster.gateway
        try eventually("the listener serves") { (try? gateway.connectTLS()) != nil }
        let open = try gateway.connectTLS()
        #expect(try open.get("/").text == "ok")
        cluster.api.delete("secrets", Self.key)
        try eventually("the loss is told of") { try gateway.tells("goes on serving") }
        #expect((try? gateway.connectTLS()) != nil)
        try cluster.api.put(yaml: Self.gateway("none"))
        try eventually("the port is closed") { (try? gateway.connect(port: gateway.ports.second)) == nil }
        let refused = try open.get("/")
        #expect(refused.status == 421 && refused.closes)
        try cluster.api.put(yaml: Self.gateway("shop-tls"))
        try eventually("the first is referred to again") {
            try gateway.tells("Secret shop/shop-tls does not exist; this certificate is not used")
        }
        #expect((try? gateway.connectTLS()) == nil)
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
