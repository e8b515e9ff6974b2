/// When work that many events ask for begins: soon after the last of them, not later than a bound after the first, one
/// at a time, and never so often that it takes up the processor. What is asked for while it is under way is the next
/// one's. Pure; nanoseconds of any clock.
struct Pacing {
    /// Quiet time that is waited for.
    private static let quiet: UInt64 = 20_000_000
    /// However restless it is, it begins after this.
    private static let longest: UInt64 = 200_000_000
    /// After work follows a rest of so many times its length, up to a bound: one that takes long is not put off for
    /// minutes.
    private static let rest: UInt64 = 4
    private static let longestRest: UInt64 = 2_000_000_000

    private var firstAsked: UInt64?
    private var lastAsked: UInt64 = 0
    private var notBefore: UInt64 = 0
    private var began: UInt64?

    /// When the work is due; nil when nobody has asked for it, and while it is under way.
    var due: UInt64? {
        guard let firstAsked, began == nil else { return nil }
        return max(notBefore, min(lastAsked &+ Self.quiet, firstAsked &+ Self.longest))
    }

    mutating func ask(now: UInt64) {
        if firstAsked == nil { firstAsked = now }
        lastAsked = now
    }

    /// The work begins with what there is now.
    mutating func begin(now: UInt64) {
        firstAsked = nil
        began = now
    }

    mutating func end(now: UInt64) {
        guard let began else { return }
        self.began = nil
        notBefore = now &+ min((now &- began) &* Self.rest, Self.longestRest)
    }
}
