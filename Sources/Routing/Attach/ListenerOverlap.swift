internal import GatewayAPI

/// `OverlappingTLSConfig`: a client may use one connection for the names of two HTTPS listeners of a port, although
/// each has TLS settings of its own (Gateway API, ListenerConditionOverlappingTLSConfig).
enum ListenerOverlap: String {
    case hostnames = "OverlappingHostnames"
    case certificates = "OverlappingCertificates"

    var message: String {
        switch self {
        case .hostnames: "another HTTPS listener of this port answers for some of the same hostnames"
        case .certificates: "another HTTPS listener of this port has a certificate for some of the same names"
        }
    }

    /// Names of one listener's certificates that are compared; a certificate with more is an oddity.
    private static let namesCompared = 256

    /// Marks every member of every overlap. Only listeners without a defect count, and the decoder lets 64 of those
    /// pass.
    static func mark(_ states: inout [ListenerState]) {
        let positions = states.indices.filter { states[$0].isAccepted && states[$0].listener.isHTTPS }
        guard positions.count > 1 else { return }
        let names = positions.map { position in
            Set((states[position].certificates?.names ?? []).prefix(namesCompared))
        }
        for (first, a) in positions.enumerated() {
            for (offset, b) in positions[(first + 1)...].enumerated() {
                let second = first + 1 + offset
                guard states[a].listener.port == states[b].listener.port else { continue }
                guard let overlap = between(states[a].listener, states[b].listener, names[first], names[second]) else {
                    continue
                }
                for position in [a, b] where states[position].overlap != .hostnames {
                    states[position].overlap = overlap
                }
            }
        }
    }

    private static func between(
        _ a: Listener, _ b: Listener, _ namesA: Set<String>, _ namesB: Set<String>
    ) -> ListenerOverlap? {
        guard let hostnameA = a.hostname, let hostnameB = b.hostname,
            HostnameIntersection.intersect(hostnameA, hostnameB) == nil
        else { return .hostnames }
        return share(namesA, namesB) || share(namesB, namesA) ? .certificates : nil
    }

    /// Whether a name of `a` is one of `b`, or below a wildcard of `b`, which stands for exactly one label (RFC 6125,
    /// 6.4.3).
    private static func share(_ a: Set<String>, _ b: Set<String>) -> Bool {
        a.contains { name in
            guard !b.contains(name), let dot = name.firstIndex(of: ".") else { return b.contains(name) }
            return b.contains("*" + name[dot...])
        }
    }
}
