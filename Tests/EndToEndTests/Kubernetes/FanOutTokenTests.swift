import APIServer
import Foundation
import GatewayAPI
import Glibc
import TLS
import Testing

/// Who is let in at the served API of a cluster's controller, over HTTPS, by tokens that the API server looks at.
@Suite struct FanOutTokenTests {
    private static let audience = "weir.dev/fan-out"

    private final class World {
        let api: APIServer
        let folder: TestFolder
        let controller: ControllerUnderTest

        init() throws {
            api = try APIServer()
            folder = try TestFolder()
            let pair = try TestCertificates.pair("localhost")
            try folder.write("tls.crt", String(decoding: pair.certificate, as: UTF8.self))
            try folder.write("tls.key", String(decoding: pair.key, as: UTF8.self))
            try folder.write("ca.crt", String(decoding: try TestCertificates.authorityPEM, as: UTF8.self))
            try api.put(yaml: "{apiVersion: v1, kind: Namespace, metadata: {name: weir-system}}")
            try api.put(yaml: Manifest.gatewayClass)
            try api.put(
                yaml: Manifest.gateway(
                    "- {name: web, protocol: HTTP, port: 80}\n" + Manifest.https("secure", secrets: "shop-tls")))
            controller = try ControllerUnderTest(
                api,
                flags: [
                    "--serve-certificate", folder.path + "/tls.crt", "--serve-key", folder.path + "/tls.key",
                    "--no-leader-election",
                ])
            try controller.waitUntilReady()
        }

        /// A token of a service account, which the API server knows.
        func token(_ name: String, for audience: String?) throws -> String {
            let claims: [String: Any] = [
                "aud": [audience ?? "https://kubernetes.default.svc"], "sub": name,
                "exp": Int(Date().timeIntervalSince1970) + 3600,
            ]
            let part = try JSONSerialization.data(withJSONObject: claims).base64EncodedString()
                .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            let token = "e30.\(part).\(name)"
            api.reviewToken(token, as: .serviceAccount("shop", name, audience: audience))
            return token
        }

        /// The flags of a proxy that shows this token.
        func source(_ token: String) throws -> [String] {
            try folder.write("token", token)
            return [
                "--kubernetes-via", "https://localhost:\(controller.ports.first)", "--kubernetes-via-ca",
                folder.path + "/ca.crt", "--kubernetes-via-token-file", folder.path + "/token",
            ]
        }

        func stop() {
            controller.stop()
            api.stop()
            folder.remove()
        }
    }

    @Test func aTokenForTheFanOutOpensItAndOneForTheAPIServerDoesNot() throws {
        let world = try World()
        defer { world.stop() }
        func ask(_ token: String) throws -> Message {
            try TLSStream(port: world.controller.ports.first, name: "localhost").exchange(
                "GET /api/v1/services HTTP/1.1\r\nHost: c\r\nAuthorization: Bearer \(token)\r\nConnection: close\r\n\r\n"
            )
        }
        let token = try world.token("good", for: Self.audience)
        #expect(try ask(token).status == 200)
        let explained = try run(
            [WeirBinary.path(), "explain", "--gateway", "shop/edge", "GET", "http://shop.test/"] + world.source(token))
        #expect(explained.code == 0 && explained.output.contains("shop/edge"), "\(explained)")
        for (name, audience) in [("api", nil), ("vault", "vault.example")] as [(String, String?)] {
            #expect(try ask(try world.token(name, for: audience)).status == 401, "\(name)")
        }
        // A token that says it is for the fan-out, and that the API server knows as one for itself.
        let forged = try world.token("forged", for: Self.audience)
        world.api.reviewToken(forged, as: .serviceAccount("shop", "forged"))
        #expect(try ask(forged).status == 401)
    }

    @Test func aGatewayThatReadsThereSaysWhyItHasNoCertificate() throws {
        let world = try World()
        defer { world.stop() }
        try world.api.put(yaml: Manifest.secret("shop-tls", try TestCertificates.pair("shop.test")))
        let folder = try TestFolder()
        let gateway = try GatewayUnderTest(
            folder, source: world.source(try world.token("gateway", for: Self.audience)), waitsUntilReady: false)
        defer { gateway.stop() }
        let place = "Gateway shop/edge: spec.listeners[1].tls.certificateRefs[0]: shop-tls: "
        let reason = "serves no Secrets, as a controller's served API never does"
        try eventually("it says so: \(gateway.process.standardError)") {
            let lines = gateway.process.standardError.split(separator: "\n")
            return lines.contains { $0.contains(place) && $0.contains(reason) }
        }
    }
}
