/// Why a connection was ended to make room: for another connection, or in memory.
///
/// The labels are stable: new ones are added, none is renamed.
package enum ShedReason: Int, CaseIterable, Sendable {
    /// Its place was needed; it was idle in the pool of its endpoint.
    case idleEndpoint
    /// Its place was needed; it was idle between two requests.
    case idleClient
    /// Its place was needed; nothing had come over it.
    case silentClient
    /// Its place was needed; its head or TLS handshake was not finished.
    case unfinishedHead
    /// Its place was needed; its last answer was out, or not taken by the client.
    case departing
    /// Its place was needed; its peer had more than its share, and nothing had come over it for long.
    case quietTunnel

    /// The `reason` label.
    package var label: StaticString {
        switch self {
        case .idleEndpoint: "idle_endpoint"
        case .idleClient: "idle_client"
        case .silentClient: "silent_client"
        case .unfinishedHead: "unfinished_head"
        case .departing: "departing"
        case .quietTunnel: "quiet_tunnel"
        }
    }
}
