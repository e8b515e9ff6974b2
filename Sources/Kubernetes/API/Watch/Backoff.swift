/// Pauses between attempts: full jitter, so that watchers that failed together do not return together.
package struct Backoff: Sendable {
    private var random: RandomBits
    private var failures: UInt64 = 0

    package init(seed: UInt64) {
        random = RandomBits(state: seed)
    }

    package mutating func reset() { failures = 0 }

    /// Nanoseconds to wait after one more failure.
    package mutating func next() -> UInt64 {
        // Doubling ends where the bound is reached, long before the shift could overflow.
        let bound = min(WatchLimits.firstPause << min(failures, 16), WatchLimits.longestPause)
        failures += 1
        return UInt64.random(in: 0...bound, using: &random)
    }

    /// A number from a range, for what must not happen everywhere at one time.
    mutating func pick(_ range: ClosedRange<UInt64>) -> UInt64 {
        UInt64.random(in: range, using: &random)
    }
}

/// SplitMix64: good enough for jitter, and the same again from the same seed.
struct RandomBits: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
