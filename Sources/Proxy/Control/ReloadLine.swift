/// Decides when a line about an exchanged configuration is due: at once where none was written for a while, else at the
/// end of that while, for all the changes in it. Somebody somewhere may change routes all the time.
struct ReloadLine {
    /// Nanoseconds between two lines.
    static let pause: UInt64 = 5_000_000_000

    private var writtenAt: UInt64?
    /// Changes that no line has told of yet.
    private(set) var untold = 0
    private var isWaiting = false

    enum Verdict: Equatable {
        /// Write a line about this many changes.
        case write(Int)
        /// Ask with `due` after this many nanoseconds.
        case wait(UInt64)
        /// A line is on its way already.
        case none
    }

    /// A change at the moment `now`, in monotonic nanoseconds.
    mutating func changed(now: UInt64) -> Verdict {
        untold += 1
        guard !isWaiting else { return .none }
        guard let writtenAt, now &- writtenAt < ReloadLine.pause else { return write(now) }
        isWaiting = true
        return .wait(ReloadLine.pause &- (now &- writtenAt))
    }

    /// The end of a wait.
    mutating func due(now: UInt64) -> Verdict {
        isWaiting = false
        return untold > 0 ? write(now) : .none
    }

    private mutating func write(_ now: UInt64) -> Verdict {
        writtenAt = now
        defer { untold = 0 }
        return .write(untold)
    }
}
