internal import Reactor

/// Who has to give way when there is no room for all.
extension HTTPServer {
    /// Bytes that are left in sixteenths of the limit once holders were cut: each time they are all looked at.
    private static let sixteenthsKept = 12

    // MARK: Connections

    /// Closes a connection in favour of one more from this peer. False when none has to give way.
    func makeRoom(for peer: SocketAddress) -> Bool {
        guard let connection = longestIdle ?? (limits.sharesConnections ? oldestOfBusiestHost(but: peer) : nil) else {
            return false
        }
        connection.close()
        return true
    }

    private var longestIdle: ServerConnection? {
        var longest: ServerConnection?
        for connection in connections.values {
            guard let since = connection.idleSince, since < longest?.idleSince ?? UInt64.max else { continue }
            longest = connection
        }
        return longest
    }

    /// nil when no host would have as many connections as the peer's even with one less.
    private func oldestOfBusiestHost(but peer: SocketAddress) -> ServerConnection? {
        var counts: [SocketAddress: Int] = [:]
        for connection in connections.values { counts[connection.peer.hostAlone, default: 0] += 1 }
        guard let busiest = counts.max(by: { $0.value < $1.value }),
            busiest.value > (counts[peer.hostAlone] ?? 0) + 1
        else { return nil }
        return connections.values.filter { $0.peer.hostAlone == busiest.key }.min { $0.openedAt < $1.openedAt }
    }

    // MARK: Bytes

    /// A connection holds so many bytes more of requests (or less).
    func held(_ change: Int) {
        heldBytes += change
        if change > 0, heldBytes > limits.heldBytes { cutHolders() }
    }

    /// The oldest go first: an honest request is whole after some milliseconds, one that is there to take up room
    /// stays.
    private func cutHolders() {
        let goal = limits.heldBytes / 16 * HTTPServer.sixteenthsKept
        let holders = connections.values.filter(\.isHolding).sorted { $0.heldSince < $1.heldSince }
        for holder in holders {
            guard heldBytes > goal else { return }
            holder.refuse(503, "too many bytes of requests are held here; try again")
        }
    }
}

extension SocketAddress {
    fileprivate var hostAlone: SocketAddress {
        var host = self
        host.port = 0
        return host
    }
}
