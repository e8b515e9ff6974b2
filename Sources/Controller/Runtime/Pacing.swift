/// When work that many events ask for is done: soon after the last of them, not later than a bound after the first, and never so
/// often that it takes up the thread. Pure; nanoseconds of any clock.
struct Pacing {
    /// Quiet time that is waited for.
    private static let quiet: UInt64 = 20_000_000
    /// However restless it is, it is done after this.
    private static let longest: UInt64 = 200_000_000
    /// Of each stretch of time the work may have one part in this many.
    private static let rest: UInt64 = 4

    private var firstAsked: UInt64?
    private var lastAsked: UInt64 = 0
    private var notBefore: UInt64 = 0

    /// When the work is due; nil when nobody has asked for it.
    var due: UInt64? {
        guard let firstAsked else { return nil }
        return max(notBefore, min(lastAsked &+ Self.quiet, firstAsked &+ Self.longest))
    }

    mutating func ask(now: UInt64) {
        if firstAsked == nil { firstAsked = now }
        lastAsked = now
    }

    /// The work has been done; what is asked for from now on is another one's.
    mutating func done(began: UInt64, ended: UInt64) {
        firstAsked = nil
        notBefore = ended &+ (ended &- began) &* Self.rest
    }
}
