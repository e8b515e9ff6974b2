/// Why a connection can do without its place, in the order in which they go.
enum Expendable: UInt8, BitwiseCopyable {
    /// To an endpoint, idle in its pool.
    case idleEndpoint
    /// A client between two requests.
    case idleClient
    /// A client that has sent nothing yet.
    case silentClient
    /// A client that has not finished its first bytes: a head, a handshake.
    case unfinishedHead
    /// A client that does not take the rest of its answer, or sends what nobody reads any more.
    case departing
    /// An opaque connection of a peer with more than its share over which nothing has come for long.
    case quietTunnel
    /// A client that sends its request's body, of unknown length, more slowly than one of known length may.
    case slowBody
}

/// The connections that have to go next when places are missing: found in one look at all of them, used one by one.
struct EvictionList<Reason: RawRepresentable> where Reason.RawValue == UInt8 {
    struct Entry {
        /// What peers with more than their share leave idle, and what is nobody's, comes before what others do.
        var isOverShare: Bool
        var reason: Reason
        /// Since when it has been idle.
        var since: UInt64
        /// The connection's token.
        var token: UInt64

        /// The order in which they go.
        var rank: UInt8 {
            isOverShare ? reason.rawValue : reason.rawValue | 0x80
        }

        func goesBefore(_ other: Entry) -> Bool {
            rank != other.rank ? rank < other.rank : since < other.since
        }
    }

    /// Connections that one look finds.
    static var capacity: Int { 64 }

    private(set) var entries: [Entry] = []

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// Keeps the entry if it is among those that go first.
    mutating func consider(_ entry: Entry) {
        if entries.count == EvictionList.capacity {
            guard entry.goesBefore(entries[entries.count - 1]) else { return }
            entries.removeLast()
        }
        let position = entries.firstIndex { entry.goesBefore($0) } ?? entries.count
        entries.insert(entry, at: position)
    }

    /// Takes the first that is allowed out of the list.
    mutating func take(where isAllowed: (Entry) -> Bool) -> Entry? {
        guard let position = entries.firstIndex(where: isAllowed) else { return nil }
        return entries.remove(at: position)
    }
}
