import Foundation
import TLS

/// An authority of the server's own, and what it has signed.
package final class ServerCertificates: Sendable {
    package enum Clients: Sendable {
        /// Anybody may connect.
        case anybody
        /// Only who shows a certificate of this authority: the one in the kubeconfig.
        case certified
    }

    /// PEM.
    package let authority: [UInt8]
    let context: TLSServerContext
    /// PEM; what a client shows when one is asked for.
    let client: (certificate: [UInt8], key: [UInt8])?

    /// Serves 127.0.0.1 and what is added.
    package init(
        _ clients: Clients = .anybody, dnsNames: [String] = ["localhost", "kubernetes.default.svc"],
        ipAddresses: [String] = ["127.0.0.1"]
    ) throws {
        let root = try CertificateMaker.authority(commonName: "test-authority", days: 2)
        let leaf = try CertificateMaker.leaf(dnsNames: dnsNames, ipAddresses: ipAddresses, days: 1, authority: root)
        let identity = try TLSIdentity(certificateChain: leaf.certificate, privateKey: leaf.key)
        authority = root.certificate
        let isClosed = clients == .certified
        client =
            isClosed
            ? try CertificateMaker.leaf(dnsNames: ["test-client"], ipAddresses: [], days: 1, authority: root) : nil
        context = try TLSServerContext(
            identities: [(hostname: nil, identities: [identity])], clientAuthorities: isClosed ? authority : nil)
    }
}
