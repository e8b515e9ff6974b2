internal import Balancing
internal import Routing

/// The snapshots that a worker's requests still read: the newest, and a few older ones until their last request ends or
/// lets go of them.
///
/// In-flight requests are counted here, plainly, instead of on the shared object: nothing on a request's path touches
/// memory that another worker writes.
struct SnapshotSlots: ~Copyable {
    /// Snapshots in use at once. What holds the oldest lets go of it before there are more, so that requests which last
    /// for hours hold neither a new configuration up nor the memory of many old ones.
    static let limit = 4
    /// The slot of a request that has let go of its own.
    static let detached: Int32 = -2

    private struct Slot {
        var snapshot: Snapshot?
        var inFlight = 0
    }

    private var slots = [Slot](repeating: Slot(), count: SnapshotSlots.limit)
    /// -1 before the first snapshot.
    private(set) var current: Int32 = -1
    private var currentSnapshot: Snapshot?
    /// Of how backends are numbered in the newest snapshot: another with each change of routes.
    private(set) var numbering: UInt32 = 0

    /// The newest snapshot; nil before the first.
    var newest: Snapshot? { currentSnapshot }

    /// Whether a snapshot differs from the current one in its endpoints alone.
    func keepsRoutes(_ snapshot: Snapshot) -> Bool {
        currentSnapshot?.routes === snapshot.routes
    }

    /// The slot that has to be let go of before another snapshot is adopted; nil when one is free.
    var crowded: Int32? {
        guard !slots.contains(where: { $0.snapshot == nil }) else { return nil }
        let oldest = slots.indices.min { version($0) < version($1) }
        return oldest.map { Int32($0) }
    }

    private func version(_ slot: Int) -> UInt64 { slots[slot].snapshot?.version ?? 0 }

    /// Makes a snapshot the one that new requests read.
    ///
    /// One that differs in endpoints alone takes the place of the current one, also for requests in flight, whose
    /// routes stay the same: else a slot would be held for every change of endpoints that some long response has seen.
    mutating func adopt(_ snapshot: Snapshot) {
        if current >= 0, keepsRoutes(snapshot) {
            slots[Int(current)].snapshot = snapshot
            currentSnapshot = snapshot
            return
        }
        numbering &+= 1
        let free = slots.firstIndex { $0.snapshot == nil } ?? slots.count
        if free == slots.count { slots.append(Slot()) }
        slots[free] = Slot(snapshot: snapshot)
        let previous = current
        current = Int32(free)
        currentSnapshot = snapshot
        if previous >= 0 && slots[Int(previous)].inFlight == 0 { slots[Int(previous)].snapshot = nil }
    }

    mutating func retainCurrent() -> Int32 {
        slots[Int(current)].inFlight += 1
        return current
    }

    /// Ends a request's use of its slot; nothing for one that has let go of it.
    mutating func release(_ slot: Int32) {
        guard slot >= 0 else { return }
        slots[Int(slot)].inFlight -= 1
        if slots[Int(slot)].inFlight == 0 && slot != current { slots[Int(slot)].snapshot = nil }
    }

    /// The snapshot that a request reads: of its slot, or the newest for one that has let go.
    func snapshot(_ slot: Int32) -> Snapshot? {
        slot == current || slot == SnapshotSlots.detached ? currentSnapshot : slots[Int(slot)].snapshot
    }
}
