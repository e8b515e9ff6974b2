internal import GatewayAPI
internal import Interception
internal import Reactor

extension ProxyOptions {
    /// What each worker is told.
    var workerOptions: WorkerOptions {
        var worker: WorkerOptions
        switch role {
        case .gateway(_, let bind, let offset):
            worker = WorkerOptions(
                mode: .gateway(bind: bind, portOffset: offset, ownAddresses: ProxyOptions.ownAddresses()))
        case .sidecar(_, let addresses, let outbound, let inbound):
            worker = WorkerOptions(
                mode: .sidecar(
                    outbound: ProxyOptions.anyAddress(port: outbound), inbound: ProxyOptions.anyAddress(port: inbound),
                    podAddresses: addresses.map { SocketAddress($0, port: 0) }))
        }
        worker.limits = limits
        worker.ports = doorPorts
        worker.drainTimeout = drainTimeout
        worker.trustedPeers = trustedPeers
        worker.allowsAmbiguousFields = allowsAmbiguousFields
        worker.ownServers = [admin, telemetry]
        return worker
    }

    /// Who may hold how many connections of each worker.
    var shares: ConnectionShares {
        ConnectionShares(
            limit: limits.connectionsPerWorker, descriptors: limits.descriptorsPerWorker, doors: workerOptions.doors)
    }

    /// What Backends may name, with the addresses that this process runs at.
    var backendPolicy: BackendPolicy {
        var policy = backends
        switch role {
        case .gateway:
            policy.ownAddresses = Set(ProxyOptions.ownAddresses().map(\.ip))
        case .sidecar(_, let addresses, _, _):
            policy.ownAddresses = Set(addresses)
        }
        return policy
    }

    /// Every address of this machine; without them only loopback is known as its own.
    private static func ownAddresses() -> [SocketAddress] {
        let own = (try? OwnAddresses.list()) ?? []
        return own.compactMap { SocketAddress(host: $0.text, port: 0) }
    }

    /// Both families on one socket where the machine has IPv6, else IPv4 alone.
    static func anyAddress(port: UInt16) -> SocketAddress {
        let both = SocketAddress(high: 0, low: 0, port: port, isIPv6: true)
        guard let probe = try? ListeningSocket.open(SocketAddress(high: 0, low: 0, port: 0, isIPv6: true)) else {
            return SocketAddress(high: 0, low: 0, port: port, isIPv6: false)
        }
        Socket.close(probe)
        return both
    }
}
