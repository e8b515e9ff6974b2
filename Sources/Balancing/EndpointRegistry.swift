internal import GatewayAPI
internal import Synchronization

/// Gives endpoints their numbers: small, stable from table to table while the endpoint exists, so that workers can keep
/// load and health in plain arrays.
///
/// A number is given to another endpoint only when every table that knew the old one is gone; its generation then
/// differs. Used by the thread that builds tables.
package final class EndpointRegistry {
    /// Endpoints beyond this many are left out of tables.
    package static let limit = 1 << 20

    private struct Entry {
        var location: EndpointSelection.Location
        var generation: UInt32 = 0
        /// The newest table that has it; 0 for a free number.
        var seen: UInt64 = 0
        /// The first table without it; 0 while it is in use.
        var retired: UInt64 = 0
    }

    private var entries: [Entry] = []
    private var ids: [EndpointSelection.Location: Int32] = [:]
    private var retired: [Int32] = []
    private var free: [Int32] = []
    private var sequence: UInt64 = 0
    let tables = LiveTables()

    package init() {}

    /// Numbers given so far, in use or not: what arrays by number must hold.
    package var capacity: Int { entries.count }

    /// Begins a table. Numbers whose last table has gone become free.
    func begin() -> UInt64 {
        let oldest = tables.oldest
        retired.removeAll { id in
            let entry = entries[Int(id)]
            if entry.retired == 0 { return true }
            guard oldest.map({ entry.retired <= $0 }) ?? true else { return false }
            ids[entry.location] = nil
            entries[Int(id)].seen = 0
            entries[Int(id)].generation &+= 1
            free.append(id)
            return true
        }
        sequence += 1
        tables.add(sequence)
        return sequence
    }

    /// The number of an endpoint; nil when there are too many.
    func id(_ location: EndpointSelection.Location) -> (id: Int32, generation: UInt32)? {
        if let known = ids[location] { return (known, entries[Int(known)].generation) }
        if let reused = free.popLast() {
            entries[Int(reused)].location = location
            entries[Int(reused)].retired = 0
            ids[location] = reused
            return (reused, entries[Int(reused)].generation)
        }
        guard entries.count < EndpointRegistry.limit else { return nil }
        let added = Int32(entries.count)
        entries.append(Entry(location: location))
        ids[location] = added
        return (added, 0)
    }

    /// Ends the table `sequence`, which has the endpoints `used`: what it has no more is retired.
    func end(_ sequence: UInt64, used: some Sequence<Int32>) {
        for id in used {
            entries[Int(id)].seen = sequence
            entries[Int(id)].retired = 0
        }
        for position in entries.indices
        where entries[position].seen > 0 && entries[position].seen != sequence && entries[position].retired == 0 {
            entries[position].retired = sequence
            retired.append(Int32(position))
        }
    }
}

/// The tables that someone still holds. Tables may end on any thread.
final class LiveTables: Sendable {
    private let sequences = Mutex<Set<UInt64>>([])

    /// The oldest table alive; nil when there is none.
    var oldest: UInt64? { sequences.withLock { $0.min() } }

    func add(_ sequence: UInt64) {
        sequences.withLock { _ = $0.insert(sequence) }
    }

    func remove(_ sequence: UInt64) {
        sequences.withLock { _ = $0.remove(sequence) }
    }
}
