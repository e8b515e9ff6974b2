import APIServer
import Foundation
import Glibc
import Kubernetes
import TLS
import Testing

@Suite struct APIServerSecurityTests {
    @Test func itSpeaksTLSToWhoTrustsItsAuthority() throws {
        let certificates = try ServerCertificates()
        let server = try APIServer(certificates: certificates)
        defer { server.stop() }
        let call = try AdmissionCall(
            port: server.port, path: "/version", authority: certificates.authority, serverName: "localhost")
        #expect(try call.post([]).status == 200)
        let stranger = try AdmissionCall(
            port: server.port, path: "/version", authority: ServerCertificates().authority, serverName: "localhost")
        #expect(throws: TLSError.self) { try stranger.post([]) }
        #expect(server.kubeconfig().contains("certificate-authority-data: "))
    }

    @Test func itCanAskForClientCertificates() throws {
        let certificates = try ServerCertificates(.certified)
        let server = try APIServer(certificates: certificates)
        defer { server.stop() }
        let call = try AdmissionCall(
            port: server.port, path: "/version", authority: certificates.authority, serverName: "localhost")
        #expect(throws: (any Error).self) { try call.post([]) }
        #expect(server.kubeconfig().contains("client-key-data: "))
        #expect(server.requests.isEmpty)
    }

    @Test func clientsThatSayNothingDoNotHoldItsStop() throws {
        let server = try APIServer(certificates: try ServerCertificates())
        let descriptor = try PlainClient.connect(port: server.port)
        defer { close(descriptor) }
        #expect(server.waitUntil { server.connectionCount == 1 })
        server.stop()
        #expect(server.connectionCount == 0)
    }
}
