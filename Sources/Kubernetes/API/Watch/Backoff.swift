internal import Reactor

/// Pauses between attempts: full jitter, so that watchers that failed together do not return together.
package struct Backoff: Sendable {
    private var random: SplitMix64
    private var failures: UInt64 = 0
    /// What the bound of a pause grows to, in nanoseconds.
    private let longest: UInt64

    package init(seed: UInt64) { self.init(seed: seed, longest: WatchLimits.longestPause) }

    init(seed: UInt64, longest: UInt64) {
        self.longest = longest
        random = SplitMix64(seed: seed)
    }

    package mutating func reset() { failures = 0 }

    /// Nanoseconds to wait after one more failure.
    package mutating func next() -> UInt64 {
        // Doubling ends where the bound is reached, long before the shift could overflow.
        let bound = min(WatchLimits.firstPause << min(failures, 16), longest)
        failures += 1
        return UInt64.random(in: 0...bound, using: &random)
    }

    /// A number from a range, for what must not happen everywhere at one time.
    mutating func pick(_ range: ClosedRange<UInt64>) -> UInt64 {
        UInt64.random(in: range, using: &random)
    }
}
