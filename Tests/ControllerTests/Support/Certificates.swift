import APIServer
import GatewayAPI
import TLS

/// Secrets that hold a certificate.
enum Certificates {
    static func secret(_ name: String, in namespace: String, type: String = "kubernetes.io/tls") throws -> Node {
        let authority = try CertificateMaker.authority(commonName: "test", days: 1)
        let leaf = try CertificateMaker.leaf(
            dnsNames: ["shop.example.com"], ipAddresses: [], days: 1, authority: authority)
        return .mapping([
            "apiVersion": "v1", "kind": "Secret",
            "metadata": .mapping(["name": .string(name), "namespace": .string(namespace)]), "type": .string(type),
            "data": .mapping([
                "tls.crt": .string(Base64.encode(leaf.certificate)), "tls.key": .string(Base64.encode(leaf.key)),
            ]),
        ])
    }
}
