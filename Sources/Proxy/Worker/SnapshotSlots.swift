internal import Balancing
internal import Routing

/// The snapshots that a worker's requests still read: the newest, and older ones until their last request ends.
///
/// In-flight requests are counted here, plainly, instead of on the shared object: nothing on a request's path touches
/// memory that another worker writes.
struct SnapshotSlots: ~Copyable {
    /// Snapshots in use at once. When all are, the worker stays with the newest it has until one ends.
    static let limit = 64

    private struct Slot {
        var snapshot: Snapshot?
        var inFlight = 0
    }

    private var slots = [Slot](repeating: Slot(), count: SnapshotSlots.limit)
    /// -1 before the first snapshot.
    private(set) var current: Int32 = -1
    private var currentSnapshot: Snapshot?

    /// The newest snapshot; nil before the first.
    var newest: Snapshot? { currentSnapshot }

    /// Makes a snapshot the one that new requests read; false when every slot is in use.
    ///
    /// One that differs in endpoints alone takes the place of the current one, also for requests in flight, whose routes stay
    /// the same: else a slot would be held for every change of endpoints that some long response has seen.
    mutating func adopt(_ snapshot: Snapshot) -> Bool {
        if current >= 0, let serving = currentSnapshot, serving.routes === snapshot.routes {
            slots[Int(current)].snapshot = snapshot
            currentSnapshot = snapshot
            return true
        }
        guard let free = slots.firstIndex(where: { $0.snapshot == nil }) else { return false }
        slots[free] = Slot(snapshot: snapshot)
        let previous = current
        current = Int32(free)
        currentSnapshot = snapshot
        if previous >= 0 && slots[Int(previous)].inFlight == 0 { slots[Int(previous)].snapshot = nil }
        return true
    }

    mutating func retainCurrent() -> Int32 {
        slots[Int(current)].inFlight += 1
        return current
    }

    mutating func release(_ slot: Int32) {
        slots[Int(slot)].inFlight -= 1
        if slots[Int(slot)].inFlight == 0 && slot != current { slots[Int(slot)].snapshot = nil }
    }

    /// The snapshot of a slot that a request holds.
    func snapshot(_ slot: Int32) -> Snapshot? {
        slot == current ? currentSnapshot : slots[Int(slot)].snapshot
    }
}
