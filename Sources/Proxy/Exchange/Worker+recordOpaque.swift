internal import Balancing
internal import Reactor
internal import Routing
internal import Telemetry

/// The access log of opaque connections: one record when such a connection ends.
extension Worker {
    /// Records the end of a tunnel, unless it belongs to an exchange that was upgraded, which has a record.
    func recordTunnel(_ one: Connection, _ other: Connection, _ flag: ResponseFlag) {
        let (client, upstream) = one.role == .client ? (one, other) : (other, one)
        guard client.role == .client, client.flags.contains(.opaque) else { return }
        recordOpaque(client, remote: upstream.remote, sent: upstream.moved, flag: flag)
    }

    /// - Parameters:
    ///   - client: the client's connection, as it was when it ended.
    ///   - remote: where it was forwarded to, or last tried to be; `.none` where there was nowhere to go.
    ///   - sent: bytes that went to the client.
    func recordOpaque(_ client: Connection, remote: SocketAddress, sent: UInt64, flag: ResponseFlag = .none) {
        guard accessLog.mode == .all || (accessLog.mode == .errors && flag != .none) else { return }
        var record = AccessLogRecord(door: client.door)
        record.isOpaque = true
        record.flag = flag
        record.requestBytes = client.moved
        record.responseBytes = sent
        record.durationNanoseconds = now &- client.openedAt
        if flag != .none { record.reason = flag.localAnswer.text }
        if client.door == .outbound, let routes = snapshots.newest?.routes {
            let service = routes.service(address: client.destination.ip, port: client.destination.port)
            if service >= 0 { record.frontend = routes.frontendName(service) }
        }
        if remote.port != 0 {
            record.endpoint = writeAddress(remote, at: 0)
            record.attempts = client.attempts.count
        }
        record.client = writeAddress(client.remote, at: Worker.addressRoom)
        append(&record)
    }
}
