internal import Reactor
internal import Telemetry

/// Clients that do not take what waits for them (`UntakenOutput`).
extension Worker {
    /// When it is looked how fast a client takes what waits for it; nil while nothing does, and for what is no client
    /// of HTTP.
    ///
    /// An opaque connection may be held back for as long as its two ends like: both know what they do.
    func untakenDeadline(_ connection: Connection) -> UInt64? {
        guard connection.role == .client, !connection.output.isEmpty,
            connection.phase == .http || connection.phase == .flushing
        else { return nil }
        return connection.untaken.lookDue(grace: limits.bodyIdleTimeout)
    }

    /// Takes a look when it is due. False when it is not.
    func lookAtUntaken(_ index: Int32) -> Bool {
        let connection = connections[index]
        guard let due = untakenDeadline(connection.pointee), due <= now else { return false }
        let taken = Socket.acknowledgedBytes(connection.pointee.fd) ?? 0
        guard connection.pointee.untaken.isTooSlow(taken: taken, now: now, rate: leastRate) else {
            arm(index)
            return true
        }
        shard.add(.slowReaders, connection.pointee.door)
        if connection.pointee.exchange >= 0 {
            cut(connection.pointee.exchange, .clientTimeout)
        } else {
            // Half a response must not be taken for a whole one.
            Socket.resetOnClose(connection.pointee.fd)
            closeConnection(index)
        }
        return true
    }
}
