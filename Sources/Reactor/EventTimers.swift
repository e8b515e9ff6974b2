/// Names a timer of an `EventLoop`.
package struct EventTimer: Hashable, Sendable {
    fileprivate var id: UInt64
}

/// Actions by when they are due, in nanoseconds.
struct EventTimers {
    private static let nanosecondsPerMillisecond: UInt64 = 1_000_000

    private var due = DueHeap<UInt64>()
    private var actions: [UInt64: () -> Void] = [:]
    private var lastID: UInt64 = 0

    mutating func add(deadline: UInt64, _ action: @escaping () -> Void) -> EventTimer {
        lastID += 1
        actions[lastID] = action
        due.set(lastID, due: deadline)
        return EventTimer(id: lastID)
    }

    mutating func cancel(_ timer: EventTimer) {
        actions[timer.id] = nil
        due.remove(timer.id)
    }

    /// The action that is due first, once; nil when nothing is due. One at a time, so that an action may cancel
    /// another.
    mutating func takeNext(now: UInt64) -> (() -> Void)? {
        due.take(now: now).flatMap { actions.removeValue(forKey: $0) }
    }

    mutating func isDue(now: UInt64) -> Bool {
        due.next.map { $0 <= now } ?? false
    }

    /// Milliseconds until something is due, -1 when nothing is set.
    mutating func wait(now: UInt64) -> Int32 {
        guard let deadline = due.next else { return -1 }
        guard deadline > now else { return 0 }
        return Int32(clamping: (deadline - now) / EventTimers.nanosecondsPerMillisecond + 1)
    }
}
