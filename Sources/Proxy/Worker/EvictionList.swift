/// Why a client's connection can do without its place, in the order in which they go.
enum Expendable: UInt8, BitwiseCopyable {
    /// Between two requests.
    case idleClient
    /// It has sent nothing yet.
    case silentClient
    /// It has not finished its first bytes: a head, a handshake.
    case unfinishedHead
    /// It does not take the rest of its answer, or sends what nobody reads any more.
    case departing
    /// An opaque connection of a peer with more than its share over which nothing has come for long.
    case quietTunnel
    /// It sends its request's body, of unknown length, more slowly than one of known length may.
    case slowBody
}

/// The connections that have to go next when places or bytes are missing: found in one look at all of them, used one by
/// one.
///
/// While connections are looked at it is a heap with the one that goes last on top, so that a look costs little more
/// than the looking.
struct EvictionList<Reason: RawRepresentable> where Reason.RawValue == UInt8 {
    struct Entry {
        /// What peers with more than their share hold comes before what others do.
        var isOverShare: Bool
        var reason: Reason
        /// Since when it has been idle.
        var since: UInt64
        /// The connection's token.
        var token: UInt64
        /// How much of what is wanted its end gives.
        var weight = 1

        /// The order in which they go.
        var rank: UInt8 {
            isOverShare ? reason.rawValue : reason.rawValue | 0x80
        }

        func goesBefore(_ other: Entry) -> Bool {
            rank != other.rank ? rank < other.rank : since < other.since
        }
    }

    private(set) var entries: [Entry] = []
    private var wanted = 0
    private var weight = 0

    var isEmpty: Bool { entries.isEmpty }

    /// Begins a look for as many connections as together have the weight `wanted`.
    mutating func begin(wanted: Int) {
        entries.removeAll(keepingCapacity: true)
        self.wanted = wanted
        weight = 0
    }

    /// Keeps the entry if it is among those that go first.
    mutating func consider(_ entry: Entry) {
        if weight >= wanted, let last = entries.first, !entry.goesBefore(last) { return }
        weight += entry.weight
        entries.append(entry)
        siftUp()
        while let last = entries.first, entries.count > 1, weight - last.weight >= wanted {
            weight -= last.weight
            removeTop()
        }
    }

    /// Ends the look. From now on the first to go comes last.
    mutating func finish() {
        entries.sort { $1.goesBefore($0) }
    }

    /// Takes the first to go that is allowed out of the list.
    mutating func take(where isAllowed: (Entry) -> Bool = { _ in true }) -> Entry? {
        guard let position = entries.lastIndex(where: isAllowed) else { return nil }
        return entries.remove(at: position)
    }

    private mutating func siftUp() {
        var position = entries.count - 1
        while position > 0 {
            let parent = (position - 1) / 2
            guard entries[parent].goesBefore(entries[position]) else { return }
            entries.swapAt(parent, position)
            position = parent
        }
    }

    private mutating func removeTop() {
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var position = 0
        while 2 * position + 1 < entries.count {
            var child = 2 * position + 1
            if child + 1 < entries.count, entries[child].goesBefore(entries[child + 1]) { child += 1 }
            guard entries[position].goesBefore(entries[child]) else { return }
            entries.swapAt(position, child)
            position = child
        }
    }
}
