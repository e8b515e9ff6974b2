import Foundation
import TLS
import Testing

/// Which listener and certificate a client of an HTTPS port gets, and what its connection may be used for.
@Suite struct HTTPSListenerTests {
    /// The listeners of the standard's conformance test of misdirected requests.
    private func gatewayOfFour(_ backend: TestBackend) throws -> GatewayUnderTest {
        let listeners = [
            Manifest.https("any", secrets: "any"),
            Manifest.https("second", hostname: "second-example.org", secrets: "second"),
            Manifest.https("wild", hostname: "*.wildcard.org", secrets: "wild"),
            Manifest.https("fourth", hostname: "fourth-example.wildcard.org", secrets: "fourth"),
        ]
        return try GatewayUnderTest(
            Manifest.gateway(listeners.joined(separator: "\n")),
            Manifest.secret("any", try TestCertificates.pair("any", "example.org", "unknown-example.org")),
            Manifest.secret("second", try TestCertificates.pair("second-example.org")),
            Manifest.secret("wild", try TestCertificates.pair("*.wildcard.org")),
            Manifest.secret("fourth", try TestCertificates.pair("fourth-example.wildcard.org")),
            Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")))
    }

    @Test func theCertificateIsThatOfTheMostSpecificListener() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try gatewayOfFour(backend)
        defer { gateway.stop(); backend.close() }
        for (name, certificate) in [
            ("example.org", "any"), ("second-example.org", "second-example.org"),
            ("third-example.wildcard.org", "*.wildcard.org"),
            ("fourth-example.wildcard.org", "fourth-example.wildcard.org"),
            ("SECOND-example.ORG", "second-example.org"),
        ] {
            #expect(try gateway.connectTLS(name).certificate == certificate, "\(name)")
        }
    }

    @Test func aConnectionServesTheHostsOfItsListenerAlone() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try gatewayOfFour(backend)
        defer { gateway.stop(); backend.close() }
        for (name, host, status) in [
            ("example.org", "example.org", 200), ("unknown-example.org", "example.org", 200),
            ("second-example.org", "second-example.org", 200), ("second-example.org", "unknown-example.org", 421),
            ("example.org", "second-example.org", 421),
            ("third-example.wildcard.org", "fifth-example.wildcard.org", 200),
            ("third-example.wildcard.org", "fourth-example.wildcard.org", 421),
            ("fourth-example.wildcard.org", "third-example.wildcard.org", 421),
            ("third-example.wildcard.org", "THIRD-example.wildcard.org:8080", 200),
        ] {
            let stream = try gateway.connectTLS(name)
            let response = try stream.get("/", host: host)
            #expect(response.status == status, "\(name) \(host)")
            // The connection goes on, for the hosts that it is for.
            #expect(try stream.get("/", host: name).status == 200)
        }
        try gateway.counts(4, "weir_requests_total", "flag=\"misdirected\"")
    }

    @Test func aHostThatNoListenerServesIsNotFound() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(
            Manifest.gateway(Manifest.https("one", hostname: "one.test", secrets: "one")),
            Manifest.secret("one", try TestCertificates.pair("one.test")),
            Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")))
        defer { gateway.stop(); backend.close() }
        #expect(try gateway.connectTLS("one.test").get("/", host: "two.test").status == 404)
        let error = #expect(throws: TLSError.self) { try gateway.connectTLS("two.test") }
        #expect(error?.reason.contains("unrecognized name") == true)
        let unnamed = #expect(throws: TLSError.self) { try gateway.connectTLS("127.0.0.1") }
        #expect(unnamed?.reason.contains("unrecognized name") == true)
        try gateway.counts(2, "weir_tls_handshake_failures_total")
    }

    @Test func protocolsAreAgreedOn() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(overTLSTo: backend)
        defer { gateway.stop(); backend.close() }
        let both = try gateway.connectTLS(context: TestCertificates.client(alpn: ["h2", "http/1.1"]))
        #expect(both.applicationProtocol == "http/1.1")
        #expect(try both.get("/").text == "ok")
        let error = #expect(throws: TLSError.self) {
            try gateway.connectTLS(context: TestCertificates.client(alpn: ["h2"]))
        }
        #expect(error?.reason.contains("no application protocol") == true)
    }

    @Test func aNewCertificateIsForNewConnectionsAndOldOnesLiveOn() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(
            Manifest.gateway(Manifest.https("secure", secrets: "shop-tls")),
            Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")), waitsUntilReady: false)
        defer { gateway.stop(); backend.close() }
        try gateway.folder.write(
            "manifests/secret.yaml", Manifest.secret("shop-tls", try TestCertificates.pair("first", "shop.test")))
        try eventually("the first certificate is served") {
            (try? gateway.connectTLS().certificate) == "first"
        }
        let old = try gateway.connectTLS()
        #expect(try old.get("/").text == "ok")
        try gateway.folder.write(
            "manifests/secret.yaml", Manifest.secret("shop-tls", try TestCertificates.pair("second", "shop.test")))
        try eventually("the second certificate is served") {
            try gateway.connectTLS().certificate == "second"
        }
        #expect(try old.get("/").text == "ok")
        #expect(try gateway.connectTLS().get("/").text == "ok")
    }

    @Test func aBadCertificateHurtsItsOwnListenerOnly() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let (one, other) = (try TestCertificates.pair("bad.test"), try TestCertificates.pair("bad.test"))
        let listeners = [
            Manifest.https("good", hostname: "good.test", secrets: "good"),
            Manifest.https("bad", hostname: "bad.test", secrets: "bad"),
            Manifest.https("missing", hostname: "missing.test", secrets: "missing"),
        ]
        let gateway = try GatewayUnderTest(
            Manifest.gateway(listeners.joined(separator: "\n")),
            Manifest.secret("good", try TestCertificates.pair("good.test")),
            Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")), waitsUntilReady: false)
        defer { gateway.stop(); backend.close() }
        try gateway.folder.write("manifests/bad.yaml", Manifest.secret("bad", (one.certificate, other.key)))
        try gateway.waitUntilReady()
        #expect(try gateway.connectTLS("good.test").get("/", host: "good.test").text == "ok")
        for name in ["bad.test", "missing.test"] {
            #expect(throws: TLSError.self) { try gateway.connectTLS(name) }
        }
        try eventually("the mistake is in the log") { gateway.process.standardError.contains("key values mismatch") }
        #expect(!gateway.process.standardError.contains("PRIVATE KEY"))
        try gateway.folder.write("manifests/bad.yaml", Manifest.secret("bad", one))
        try eventually("the mended certificate is served") {
            (try? gateway.connectTLS("bad.test").get("/", host: "bad.test").text) == "ok"
        }
        #expect(try gateway.connectTLS("good.test").get("/", host: "good.test").text == "ok")
    }

    @Test func certificatesOfTwoKeyTypesAreBothOffered() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let folder = try TestFolder()
        defer { folder.remove() }
        let made = try run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder.path + "/key.pem", "-out",
            folder.path + "/cert.pem", "-days", "1", "-subj", "/CN=rsa", "-addext", "subjectAltName=DNS:shop.test",
        ])
        #expect(made.code == 0, "\(made.errors)")
        func bytes(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)")))
        }
        let gateway = try GatewayUnderTest(
            Manifest.gateway(Manifest.https("secure", secrets: "ecdsa", "rsa")),
            Manifest.secret("ecdsa", try TestCertificates.pair("shop.test")),
            Manifest.secret("rsa", (try bytes("cert.pem"), try bytes("key.pem"))),
            Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")))
        defer { gateway.stop(); backend.close() }
        for (algorithms, subject) in [("RSA-PSS+SHA256", "CN=rsa"), ("ECDSA+SHA256", "CN=shop.test")] {
            let client = try run([
                "sh", "-c",
                "openssl s_client -connect 127.0.0.1:\(gateway.ports.second) -servername shop.test "
                    + "-sigalgs \(algorithms) </dev/null",
            ])
            #expect(
                client.output.replacing(" ", with: "").contains("subject=\(subject)"),
                "\(client.output)\(client.errors)")
        }
    }

    @Test func aPlainConnectionIsNotServedOnceItsPortIsHTTPS() throws {
        let backend = try TestBackend(script: TestBackend.answers("ok"))
        let gateway = try GatewayUnderTest(
            Manifest.secret("shop-tls", try TestCertificates.pair("shop.test")),
            Manifest.service("app", endpoints: [backend.port]),
            Manifest.route("web", Manifest.everything(to: "app")), waitsUntilReady: false)
        defer { gateway.stop(); backend.close() }
        try gateway.folder.write(
            "manifests/gateway.yaml", Manifest.gateway("- {name: web, protocol: HTTP, port: 8080}"))
        try gateway.waitUntilReady()
        let plain = try gateway.connect(port: gateway.ports.second)
        #expect(try plain.get("/").text == "ok")
        try gateway.folder.write(
            "manifests/gateway.yaml", Manifest.gateway(Manifest.https("web", secrets: "shop-tls")))
        try eventually("the port is HTTPS") { (try? gateway.connectTLS().get("/").text) == "ok" }
        let refused = try plain.get("/")
        #expect(refused.status == 421 && refused.closes)
        try gateway.counts(1, "weir_requests_total", "flag=\"listener_gone\"")
    }
}
