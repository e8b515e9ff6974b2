internal import GatewayAPI

/// Why listeners of one Gateway exclude each other (Gateway.spec.listeners): inside a Gateway a conflict has no winner,
/// all of its members are rejected.
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

    /// Marks every member of every conflict. A listener that is refused for itself takes no part; one that no kind of
    /// route can be attached to yields to those that some can.
    static func mark(_ states: inout [ListenerState]) {
        let sound = states.indices.filter { states[$0].refusal == nil }
        let useful = Claims(sound.filter { !states[$0].supportedKinds.isEmpty }.map { states[$0].listener })
        let all = Claims(sound.map { states[$0].listener })
        for position in sound {
            let state = states[position]
            states[position].conflict = (state.supportedKinds.isEmpty ? all : useful).conflict(of: state.listener)
        }
        markTLS(&states)
    }

    /// Listeners of protocol TLS are not served, and a conflict is all that can be told of them besides.
    private static func markTLS(_ states: inout [ListenerState]) {
        let positions = states.indices.filter {
            states[$0].listener.listenerProtocol == "TLS" && states[$0].listener.defect == nil
        }
        let modes = Dictionary(grouping: positions) { states[$0].listener.port }.mapValues { members in
            Set(members.map { states[$0].listener.tls?.mode ?? .terminate })
        }
        for position in positions where (modes[states[position].listener.port]?.count ?? 0) > 1 {
            states[position].conflict = .protocol
        }
    }

    /// What the listeners of one Gateway lay claim to.
    private struct Claims {
        private var identities: [Identity: Int] = [:]
        private var protocols: [UInt16: Set<String>] = [:]

        init(_ listeners: [Listener]) {
            for listener in listeners {
                identities[Identity(listener), default: 0] += 1
                protocols[listener.port, default: []].insert(listener.listenerProtocol)
            }
        }

        func conflict(of listener: Listener) -> ListenerConflict? {
            if (protocols[listener.port]?.count ?? 0) > 1 { return .protocol }
            return (identities[Identity(listener)] ?? 0) > 1 ? .hostname : nil
        }
    }

    private struct Identity: Hashable {
        var port: UInt16
        var hostname: String?

        init(_ listener: Listener) {
            port = listener.port
            hostname = listener.hostname
        }
    }
}
