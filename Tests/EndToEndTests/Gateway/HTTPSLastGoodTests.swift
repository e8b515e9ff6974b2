import Foundation
import TLS
import Testing

/// A certificate that is lost or broken takes nothing with it; and how clients of a listener that is gone learn of it.
@Suite struct HTTPSLastGoodTests {
    private static let keepsOn = "goes on serving with the certificate that it had"

    /// With the Gateway and the Secret `shop-tls` in files of their own.
    private func gateway(_ backend: TestBackend, listeners: String, _ more: String...) throws -> GatewayUnderTest {
        let gateway = try GatewayUnderTest(
            Manifest.service("app", endpoints: [backend.port]), Manifest.route("web", Manifest.everything(to: "app")),
            Manifest.list(more), waitsUntilReady: false)
        do {
            try gateway.folder.write(
                "manifests/secret.yaml", Manifest.secret("shop-tls", try TestCertificates.pair("first", "shop.test")))
            try gateway.folder.write("manifests/gateway.yaml", Manifest.gateway(listeners))
            try gateway.waitUntilReady()
            try eventually("the certificate is served") { (try? gateway.connectTLS().certificate) == "first" }
            return gateway
        } catch {
            gateway.stop()
            throw error
        }
    }

    /// New connections get the certificate, and open ones are served.
    private func expectService(_ gateway: GatewayUnderTest, _ open: TLSStream, _ when: String) throws {
        let new = try gateway.connectTLS()
        #expect(new.certificate == "first", "\(when)")
        #expect(try new.get("/").text == "ok", "\(when)")
        #expect(try open.get("/").text == "ok", "\(when)")
    }

    @Test func aSecretThatIsBrokenOrLostIsServedOnAsItWas() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try gateway(backend, listeners: Manifest.https("secure", secrets: "shop-tls"))
        defer { gateway.stop(); backend.close() }
        let open = try gateway.connectTLS()
        #expect(try open.get("/").text == "ok")
        let (one, other) = (try TestCertificates.pair("shop.test"), try TestCertificates.pair("shop.test"))
        let noise = Array("-----BEGIN CERTIFICATE-----\nnoise\n-----END CERTIFICATE-----\n".utf8)
        for pair in [(one.certificate, other.key), (noise, one.key)] {
            try gateway.folder.write("manifests/secret.yaml", Manifest.secret("shop-tls", pair))
            try eventually("the broken one is told of") {
                try gateway.tells(Self.keepsOn, "Secret shop/shop-tls cannot be used")
            }
            try expectService(gateway, open, "broken")
        }
        try gateway.folder.remove("manifests/secret.yaml")
        try eventually("the loss is told of") { try gateway.tells(Self.keepsOn, "shop/shop-tls does not exist") }
        try expectService(gateway, open, "lost")
        try eventually("the log has it") { gateway.process.standardError.contains(Self.keepsOn) }
        #expect(!gateway.process.standardError.contains("PRIVATE KEY"))
        try gateway.folder.write(
            "manifests/secret.yaml", Manifest.secret("shop-tls", try TestCertificates.pair("second", "shop.test")))
        try eventually("the new one is served") { try gateway.connectTLS().certificate == "second" }
        #expect(try open.get("/").text == "ok")
        #expect(try !gateway.tells(Self.keepsOn))
    }

    @Test func everyReferenceKeepsItsOwn() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try gateway(
            backend, listeners: Manifest.https("secure", secrets: "stable", "shop-tls"),
            Manifest.secret("stable", try TestCertificates.pair("stable.test")))
        defer { gateway.stop(); backend.close() }
        try gateway.folder.remove("manifests/secret.yaml")
        try eventually("the loss is told of") { try gateway.tells(Self.keepsOn) }
        #expect(try gateway.connectTLS("shop.test").certificate == "first")
        #expect(try gateway.connectTLS("stable.test").certificate == "stable.test")
    }

    @Test func whatAListenerMayNotUseAnyMoreIsNotKept() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(
            Manifest.gateway(
                "- {name: web, protocol: HTTP, port: 80}\n- {name: secure, protocol: HTTPS, port: 8080, tls: "
                    + "{certificateRefs: [{name: tls, namespace: vault}]}}"),
            Manifest.secret("tls", namespace: "vault", try TestCertificates.pair("shop.test")),
            Manifest.service("app", endpoints: [backend.port]), Manifest.route("web", Manifest.everything(to: "app")))
        defer { gateway.stop(); backend.close() }
        try gateway.folder.write(
            "manifests/grant.yaml",
            """
            apiVersion: gateway.networking.k8s.io/v1beta1
            kind: ReferenceGrant
            metadata: {name: edge, namespace: vault}
            spec:
              from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: shop}]
              to: [{group: "", kind: Secret}]
            """)
        try eventually("the listener serves") { (try? gateway.connectTLS().get("/").text) == "ok" }
        let open = try gateway.connectTLS()
        #expect(try open.get("/").text == "ok")
        try gateway.folder.remove("manifests/grant.yaml")
        try eventually("the port is closed") { (try? gateway.connect(port: gateway.ports.second)) == nil }
        #expect(try gateway.tells("RefNotPermitted", "this certificate is not used"))
        try expectGone(open, "shop.test")
        #expect(try gateway.get("/").text == "ok", "the other listener is not concerned")
    }

    // MARK: Listeners that are gone

    /// The answer says so and ends the connection, so that the client dials anew.
    private func expectGone(_ stream: TCPStream, _ host: String) throws {
        let answer = try stream.get("/", host: host)
        #expect(answer.status == 421)
        #expect(answer.text == "the listener of this connection is gone\n")
        #expect(answer.closes)
        #expect(try stream.readToEnd().end == .closed)
    }

    @Test func aConnectionEndsWithItsListener() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let listeners = [
            "- {name: web, protocol: HTTP, port: 80}", Manifest.https("stays", hostname: "a.test", secrets: "a"),
            Manifest.https("goes", hostname: "shop.test", secrets: "shop-tls"),
        ]
        let gateway = try gateway(
            backend, listeners: listeners.joined(separator: "\n"),
            Manifest.secret("a", try TestCertificates.pair("a.test")))
        defer { gateway.stop(); backend.close() }
        let stays = try gateway.connectTLS("a.test")
        let goes = try (0..<3).map { _ in try gateway.connectTLS() }
        #expect(try stays.get("/", host: "a.test").text == "ok")
        for stream in goes { #expect(try stream.get("/").text == "ok") }
        try gateway.folder.write(
            "manifests/gateway.yaml", Manifest.gateway(listeners.dropLast().joined(separator: "\n")))
        try eventually("the listener is gone") {
            do {
                _ = try gateway.connectTLS()
                return false
            } catch let error as TLSError {
                return error.reason.contains("unrecognized name")
            }
        }
        // Whichever name it asks for, be it one that is served on other connections.
        for (stream, host) in zip(goes, ["shop.test", "a.test", "other.test"]) { try expectGone(stream, host) }
        #expect(try stays.get("/", host: "shop.test").status == 404, "a name that nobody serves is another matter")
        #expect(try stays.get("/", host: "a.test").text == "ok")
        try gateway.counts(3, "weir_requests_total", "flag=\"listener_gone\"")
        try gateway.counts(1, "weir_requests_total", "flag=\"no_route\"")
    }

    @Test func aPlainConnectionEndsWithItsPort() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let web = "- {name: web, protocol: HTTP, port: 80}"
        let gateway = try GatewayUnderTest(
            Manifest.service("app", endpoints: [backend.port]), Manifest.route("web", Manifest.everything(to: "app")),
            waitsUntilReady: false)
        defer { gateway.stop(); backend.close() }
        try gateway.folder.write(
            "manifests/gateway.yaml", Manifest.gateway("\(web)\n- {name: more, protocol: HTTP, port: 8080}"))
        try gateway.waitUntilReady()
        let open = try gateway.connect(port: gateway.ports.second)
        #expect(try open.get("/").text == "ok")
        try gateway.folder.write("manifests/gateway.yaml", Manifest.gateway(web))
        try eventually("the port is closed") { (try? gateway.connect(port: gateway.ports.second)) == nil }
        try expectGone(open, "shop.test")
        #expect(try gateway.get("/").text == "ok")
    }
}
