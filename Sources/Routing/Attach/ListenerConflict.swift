internal import GatewayAPI

/// Why listeners of one Gateway exclude each other (Gateway.spec.listeners): inside a Gateway a conflict has no winner, all of
/// its members are rejected.
enum ListenerConflict: String {
    /// The same port and hostname.
    case hostname = "HostnameConflict"
    /// HTTP and HTTPS, or TLS ended and TLS passed through, on one port.
    case `protocol` = "ProtocolConflict"

    var message: String {
        switch self {
        case .hostname: "another listener has the same port and hostname"
        case .protocol: "listeners of this port disagree about its protocol"
        }
    }

    /// By the listener's position. Listeners whose protocol is not served do no harm to those that are.
    static func find(in listeners: [Listener]) -> [ListenerConflict?] {
        var identities: [Identity: Int] = [:]
        var transports: [PortUse: Set<String>] = [:]
        for listener in listeners {
            if listener.isServedProtocol { identities[Identity(listener), default: 0] += 1 }
            guard let use = PortUse(listener) else { continue }
            transports[use, default: []].insert(transport(of: listener))
        }
        return listeners.map { listener in
            if let use = PortUse(listener), (transports[use]?.count ?? 0) > 1 { return .protocol }
            return listener.isServedProtocol && (identities[Identity(listener)] ?? 0) > 1 ? .hostname : nil
        }
    }

    private static func transport(of listener: Listener) -> String {
        listener.isServedProtocol ? listener.listenerProtocol : (listener.tls?.mode ?? .terminate).rawValue
    }

    private struct Identity: Hashable {
        var port: UInt16
        var hostname: String?

        init(_ listener: Listener) {
            port = listener.port
            hostname = listener.hostname
        }
    }

    /// Listeners that have to agree: HTTP with HTTPS, and TLS among themselves.
    private struct PortUse: Hashable {
        var port: UInt16
        var isServed: Bool

        init?(_ listener: Listener) {
            guard listener.isServedProtocol || listener.listenerProtocol == "TLS" else { return nil }
            port = listener.port
            isServed = listener.isServedProtocol
        }
    }
}
