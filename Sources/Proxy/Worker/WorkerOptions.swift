package import Reactor
internal import Telemetry

/// What a worker is told once, at its start.
package struct WorkerOptions: Sendable {
    package var limits = ProxyLimits()
    package var mode: Mode
    /// The ports of the process.
    package var ports = DoorPorts()
    /// How long a drain may take; for its first half new connections are still taken.
    package var drainTimeout = 30 * ProxyLimits.second
    /// Who is believed at the gateway door about whom a request comes from.
    package var trustedPeers: TrustedPeers = .none
    /// Whether the gateway door lets fields in whose names have other bytes than letters, digits and hyphens.
    package var allowsAmbiguousFields = false
    /// Where this process serves its operator: admin and telemetry.
    package var ownServers: [SocketAddress] = []
    /// Bytes that one read can bring.
    package var readBytes = 64 << 10

    package enum Mode: Sendable {
        /// Listens where the Gateway's listeners say, on their ports plus `portOffset`.
        case gateway(bind: SocketAddress, portOffset: UInt16, ownAddresses: [SocketAddress])
        /// Listens for redirected connections.
        case sidecar(outbound: SocketAddress, inbound: SocketAddress, podAddresses: [SocketAddress])

        /// Of the machine or pod.
        var ownAddresses: [SocketAddress] {
            switch self {
            case .gateway(_, _, let own): own
            case .sidecar(_, _, let own): own
            }
        }
    }

    package init(mode: Mode) {
        self.mode = mode
    }

    /// Those that a worker of this mode has.
    var doors: [Door] {
        switch mode {
        case .gateway: [.gateway]
        case .sidecar: [.outbound, .inbound]
        }
    }
}

/// Peers that are believed about whom a request comes from (`ClientField`); what all others say of it is dropped.
package struct TrustedPeers: Sendable {
    package struct Network: Sendable {
        package var address: SocketAddress
        package var prefixLength: Int

        package init(address: SocketAddress, prefixLength: Int) {
            self.address = address
            self.prefixLength = prefixLength
        }

        func contains(_ peer: SocketAddress) -> Bool {
            guard peer.isIPv6 == address.isIPv6 else { return false }
            if !address.isIPv6 {
                return prefixLength <= 0 || (peer.low ^ address.low) >> UInt64(32 - prefixLength) == 0
            }
            if prefixLength <= 64 {
                return prefixLength <= 0 || (peer.high ^ address.high) >> UInt64(64 - prefixLength) == 0
            }
            return peer.high == address.high && (peer.low ^ address.low) >> UInt64(128 - prefixLength) == 0
        }
    }

    package var networks: [Network]

    package static let none = TrustedPeers(networks: [])

    package init(networks: [Network]) {
        self.networks = networks
    }

    /// Parses `10.0.0.0/8`, `fd00::/8` or a single address; nil for anything else.
    package static func network(_ text: String) -> Network? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2,
            let address = SocketAddress(host: String(first), port: 0)
        else { return nil }
        let longest = address.isIPv6 ? 128 : 32
        guard parts.count == 2 else { return Network(address: address, prefixLength: longest) }
        guard let length = Int(parts[1]), (0...longest).contains(length) else { return nil }
        return Network(address: address, prefixLength: length)
    }

    func contains(_ peer: SocketAddress) -> Bool {
        networks.contains { $0.contains(peer) }
    }
}
