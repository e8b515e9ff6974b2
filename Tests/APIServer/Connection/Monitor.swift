import Foundation

/// What all threads of a server share: a value behind one lock, and a condition that every change of it signals.
final class Monitor<Value>: @unchecked Sendable {
    private let condition = NSCondition()
    private var value: Value
    /// Counts the changes.
    private var changes = 0

    init(_ value: Value) { self.value = value }

    func read<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        condition.lock()
        defer { condition.unlock() }
        return try body(&value)
    }

    func change<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        condition.lock()
        defer {
            changes += 1
            condition.broadcast()
            condition.unlock()
        }
        return try body(&value)
    }

    var changeCount: Int {
        condition.lock()
        defer { condition.unlock() }
        return changes
    }

    /// Waits for a change after the first `seen` ones, or for the time.
    func wait(after seen: Int, until deadline: Date) {
        condition.lock()
        defer { condition.unlock() }
        while changes == seen, condition.wait(until: deadline) {}
    }

    /// Waits until the value is so; false when the time is over first.
    func wait(until deadline: Date, _ holds: (inout Value) -> Bool) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !holds(&value) {
            guard condition.wait(until: deadline) else { return holds(&value) }
        }
        return true
    }
}
