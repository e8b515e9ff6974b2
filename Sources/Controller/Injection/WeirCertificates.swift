package import GatewayAPI
internal import Kubernetes

/// What the Secret `weir-certificates` holds, all PEM.
package struct WeirCertificates: Hashable, Sendable {
    /// The authority, and the one before it as long as something it signed may be in use.
    package var authorities: [[UInt8]]
    package var authorityKey: [UInt8]
    package var certificate: [UInt8]
    package var key: [UInt8]

    package init(authorities: [[UInt8]], authorityKey: [UInt8], certificate: [UInt8], key: [UInt8]) {
        self.authorities = authorities
        self.authorityKey = authorityKey
        self.certificate = certificate
        self.key = key
    }

    /// Everything that clients have to trust, as one PEM text.
    package var bundle: [UInt8] { Array(authorities.joined()) }

    private static let names = ["ca.crt", "ca.key", "tls.crt", "tls.key"]

    /// nil when a part is missing or no base64.
    package init?(secret: Node) {
        let parts = Self.names.compactMap { name in
            secret["data"]?[name]?.stringValue.flatMap { Base64.decode($0) }
        }
        guard parts.count == Self.names.count else { return nil }
        self.init(
            authorities: Self.certificates(in: parts[0]), authorityKey: parts[1], certificate: parts[2], key: parts[3])
    }

    /// The Secret's `data`.
    package var data: Node {
        let parts = [bundle, authorityKey, certificate, key]
        return Node(
            .mapping(
                zip(Self.names, parts).map { Node.Entry(key: $0, value: .string(Base64.encode($1))) }))
    }

    /// The certificates of a PEM text, one by one.
    private static func certificates(in pem: [UInt8]) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var current: [String]?
        for line in String(decoding: pem, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if line == "-----BEGIN CERTIFICATE-----" { current = [] }
            current?.append(String(line))
            if line == "-----END CERTIFICATE-----", let lines = current {
                found.append(Array((lines.joined(separator: "\n") + "\n").utf8))
                current = nil
            }
        }
        return found
    }
}
