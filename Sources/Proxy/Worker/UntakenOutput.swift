/// Bytes that wait for a client, and how fast it takes them: one that takes none, or so few that it would hold its
/// place for ever, is given up. Nothing is asked of a client for whom nothing waits, so that long polls and streams
/// last.
///
/// What counts is what the client's kernel has acknowledged: the local socket takes more only once a good part of it is
/// free, so that a slow client would look like a stalled one. It is looked at now and then and costs nothing in
/// between: the first look, half of the grace after bytes began to wait, notes how much had been taken by then, and
/// each further one, a grace later, judges.
struct UntakenOutput: BitwiseCopyable, Equatable {
    private static let unseen = UInt64.max

    /// When bytes began to wait, or the last look.
    private var since: UInt64 = 0
    /// Bytes that the client had taken at the last look.
    private var mark = UntakenOutput.unseen

    /// Bytes wait that did not before.
    mutating func began(now: UInt64) {
        since = now
        mark = UntakenOutput.unseen
    }

    /// When the next look is due, if bytes have waited until then.
    func lookDue(grace: UInt64) -> UInt64 {
        since &+ (mark == UntakenOutput.unseen ? grace / 2 : grace)
    }

    /// Takes a look; true when the client has taken too little since the last.
    ///
    /// - Parameter taken: bytes that it has taken since it connected.
    mutating func isTooSlow(taken: UInt64, now: UInt64, rate: LeastRate) -> Bool {
        defer {
            mark = min(taken, UntakenOutput.unseen - 1)
            since = now
        }
        guard mark != UntakenOutput.unseen else { return false }
        return !rate.isKept(by: taken &- mark, over: now &- since)
    }
}
