/// How many lines may still be logged on the word of others: so many at once, and so many a second. Pure; milliseconds
/// of any clock.
package struct LineBudget {
    package enum Verdict: Equatable {
        /// Write the line, and say that so many were left out before it.
        case write(omitted: UInt64)
        case omit
    }

    private let burst: UInt64
    /// Milliseconds after which there is one line more.
    private let interval: UInt64
    private var left: UInt64
    private var since: UInt64?
    private var omitted: UInt64 = 0

    package init(burst: UInt64, perSecond: UInt64) {
        self.burst = burst
        interval = max(1, 1000 / max(1, perSecond))
        left = burst
    }

    package mutating func take(now: UInt64) -> Verdict {
        refill(now)
        guard left > 0 else {
            omitted += 1
            return .omit
        }
        left -= 1
        defer { omitted = 0 }
        return .write(omitted: omitted)
    }

    private mutating func refill(_ now: UInt64) {
        guard let since, now >= since else {
            since = now
            return
        }
        let earned = (now - since) / interval
        left = min(burst, left + min(earned, burst))
        self.since = since + earned * interval
    }
}
