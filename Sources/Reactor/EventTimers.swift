/// Names a timer of an `EventLoop`.
package struct EventTimer: Hashable, Sendable {
    fileprivate var id: UInt64
}

/// Actions by when they are due: a binary heap. Cancelled ones stay in it, without their action, until they come up.
struct EventTimers {
    private struct Entry {
        var deadline: UInt64
        var id: UInt64
    }

    private static let nanosecondsPerMillisecond: UInt64 = 1_000_000

    private var heap: [Entry] = []
    private var actions: [UInt64: () -> Void] = [:]
    private var lastID: UInt64 = 0

    mutating func add(deadline: UInt64, _ action: @escaping () -> Void) -> EventTimer {
        lastID += 1
        actions[lastID] = action
        heap.append(Entry(deadline: deadline, id: lastID))
        siftUp(heap.count - 1)
        return EventTimer(id: lastID)
    }

    mutating func cancel(_ timer: EventTimer) {
        actions[timer.id] = nil
        // Timers that are mostly cancelled (one per connection) must not pile up until they come due.
        guard heap.count > 64, actions.count < heap.count / 2 else { return }
        heap = heap.filter { actions[$0.id] != nil }.sorted { $0.deadline < $1.deadline }
    }

    /// The action that is due first, once; nil when nothing is due. One at a time, so that an action may cancel another.
    mutating func takeNext(now: UInt64) -> (() -> Void)? {
        while let first = heap.first, first.deadline <= now {
            removeFirst()
            if let action = actions.removeValue(forKey: first.id) { return action }
        }
        return nil
    }

    /// Milliseconds until something is due, -1 when nothing is set.
    mutating func wait(now: UInt64) -> Int32 {
        while let first = heap.first, actions[first.id] == nil { removeFirst() }
        guard let first = heap.first else { return -1 }
        guard first.deadline > now else { return 0 }
        return Int32(clamping: (first.deadline - now) / EventTimers.nanosecondsPerMillisecond + 1)
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(0)
    }

    private mutating func siftUp(_ start: Int) {
        var position = start
        while position > 0, heap[position].deadline < heap[(position - 1) / 2].deadline {
            heap.swapAt(position, (position - 1) / 2)
            position = (position - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var position = start
        while true {
            let left = 2 * position + 1
            guard left < heap.count else { return }
            let right = left + 1
            let least = right < heap.count && heap[right].deadline < heap[left].deadline ? right : left
            guard heap[least].deadline < heap[position].deadline else { return }
            heap.swapAt(position, least)
            position = least
        }
    }
}
