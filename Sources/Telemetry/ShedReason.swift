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
    /// Its place was needed; its request's body came too slowly.
    case slowBody
    /// The bytes that it held were needed: its head or TLS handshake was not finished.
    case memoryUnfinishedHead
    /// The bytes that it held were needed: its client, or its endpoint, did not take them.
    case memorySlowReader
    /// The bytes that it held were needed: its endpoint did not take the request's body.
    case memoryBody
    /// The bytes that it held were needed: its TLS session was idle.
    case memoryIdleSession
    /// The bytes that it held were needed: its request waited for an answer.
    case memoryRequest

    /// The `reason` label.
    package var label: StaticString {
        switch self {
        case .idleEndpoint: "idle_endpoint"
        case .idleClient: "idle_client"
        case .silentClient: "silent_client"
        case .unfinishedHead: "unfinished_head"
        case .departing: "departing"
        case .quietTunnel: "quiet_tunnel"
        case .slowBody: "slow_body"
        case .memoryUnfinishedHead: "memory_unfinished_head"
        case .memorySlowReader: "memory_slow_reader"
        case .memoryBody: "memory_body"
        case .memoryIdleSession: "memory_idle_session"
        case .memoryRequest: "memory_request"
        }
    }
}
