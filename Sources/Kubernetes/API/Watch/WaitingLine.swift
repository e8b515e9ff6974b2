/// The watches of one server that no answer came to, in the order in which they try again.
///
/// While the server is away, one of them tries in each pause and goes back to the end: however many a process has, one
/// is enough to find out. They take turns, because one may fail for reasons of its own. As soon as any is answered, all
/// go on.
///
/// Knows no clock: times (nanoseconds) are given to it. Whoever keeps it calls `turn` when a pause that it asked for is
/// over; there is such a pause exactly as long as somebody waits.
struct WaitingLine<Watch: Hashable> {
    private(set) var waiting: [Watch] = []
    private var backoff: Backoff
    /// Since when nobody waits because the server was back.
    private var overSince: UInt64?

    init(seed: UInt64) {
        backoff = Backoff(seed: seed, longest: WatchLimits.longestReconnectPause)
    }

    /// One more waits. Returns the pause before the first turn when it is the first.
    mutating func wait(_ watch: Watch, now: UInt64) -> UInt64? {
        guard !waiting.contains(watch) else { return nil }
        // A server that falls over as soon as it is back is given the pauses it had before.
        if let overSince, now &- overSince >= WatchLimits.settled { backoff.reset() }
        overSince = nil
        waiting.append(watch)
        return waiting.count == 1 ? backoff.next() : nil
    }

    /// The pause is over: who tries, and the pause before the next one does.
    mutating func turn() -> (watch: Watch, pause: UInt64?)? {
        guard !waiting.isEmpty else { return nil }
        let first = waiting.removeFirst()
        // The next one does not wait for this one's outcome, which may be long in coming.
        return (first, waiting.isEmpty ? nil : backoff.next())
    }

    /// Does not wait any more, for reasons of its own. True when that was the last: there is no pause.
    mutating func leave(_ watch: Watch) -> Bool {
        guard let position = waiting.firstIndex(of: watch) else { return false }
        waiting.remove(at: position)
        return waiting.isEmpty
    }

    /// The server has answered one of them: who goes on now, and after which pause.
    mutating func answered(now: UInt64) -> [(watch: Watch, pause: UInt64)] {
        overSince = now
        defer { waiting = [] }
        return waiting.map { ($0, backoff.pick(0...WatchLimits.reconnectSpread)) }
    }
}
