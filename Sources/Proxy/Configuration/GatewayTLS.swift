internal import TLS

/// What a gateway's HTTPS ports need for their handshakes: a part of the snapshot that every worker reads.
package final class GatewayTLS: Sendable {
    struct Port: Sendable {
        var port: UInt16
        /// nil when no context could be made: connections to the port are refused.
        var context: TLSServerContext?
    }

    /// No port is HTTPS.
    package static let none = GatewayTLS(ports: [])

    private let ports: [Port]

    init(ports: [Port]) {
        self.ports = ports
    }

    /// Whether the listeners of a port end TLS. A port that does is never served without.
    func isServed(_ port: UInt16) -> Bool { ports.contains { $0.port == port } }

    func context(_ port: UInt16) -> TLSServerContext? { ports.first { $0.port == port }?.context }
}
