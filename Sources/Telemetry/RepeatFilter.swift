/// Decides which of many equal log lines are written.
struct RepeatFilter {
    /// Equal lines written per window.
    static let allowed: UInt64 = 5
    /// Length of a window in milliseconds.
    static let window: UInt64 = 10_000
    /// Distinct lines remembered; when more are alive, the memory starts afresh.
    static let capacity = 128

    enum Verdict: Equatable {
        /// Write the line, and say that so many like it were left out before it.
        case write(omitted: UInt64)
        case omit
    }

    private struct Entry {
        var windowStart: UInt64
        var seen: UInt64
    }

    private struct Line: Hashable {
        let component: String
        let message: String
    }

    private var entries: [Line: Entry] = [:]

    /// - Parameter now: milliseconds of any clock.
    mutating func judge(component: StaticString, message: String, now: UInt64) -> Verdict {
        let line = Line(component: component.description, message: message)
        guard var entry = entries[line], now >= entry.windowStart else {
            makeRoom(now: now)
            entries[line] = Entry(windowStart: now, seen: 1)
            return .write(omitted: 0)
        }
        if now - entry.windowStart >= RepeatFilter.window {
            let omitted = entry.seen > RepeatFilter.allowed ? entry.seen - RepeatFilter.allowed : 0
            entries[line] = Entry(windowStart: now, seen: 1)
            return .write(omitted: omitted)
        }
        entry.seen += 1
        entries[line] = entry
        return entry.seen <= RepeatFilter.allowed ? .write(omitted: 0) : .omit
    }

    private mutating func makeRoom(now: UInt64) {
        guard entries.count >= RepeatFilter.capacity else { return }
        entries = entries.filter { now >= $0.value.windowStart && now - $0.value.windowStart < RepeatFilter.window }
        if entries.count >= RepeatFilter.capacity { entries.removeAll(keepingCapacity: true) }
    }
}
