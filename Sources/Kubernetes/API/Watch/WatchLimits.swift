/// Times (nanoseconds) and sizes of watching an API server.
package enum WatchLimits {
    static let second: UInt64 = 1_000_000_000

    /// Objects asked for at once.
    static let pageSize = 500
    /// The server is asked to end a watch after a time in this range, so that watchers of one server do not return together.
    static let watchSeconds: ClosedRange<UInt64> = 300...600
    /// A watch that outlives what was asked for by this much is taken for dead.
    static let watchGrace = 30 * second
    /// A server that has sent a bookmark sends one about every minute: silence beyond this means that the connection is dead.
    static let bookmarkSilence = 180 * second
    /// A watch that lived this long was in order, whatever ended it.
    static let settled = 5 * second
    /// Pauses after failures: full jitter below a bound that doubles from the first of these to the second.
    static let firstPause = second / 2
    static let longestPause = 30 * second
    /// A Retry-After beyond this is not believed.
    static let longestRetryAfter = 120 * second
    /// How often a kind that is not served is looked for, and half of it more at random.
    static let reprobePause = 20 * second
    /// A watch that the server refused this many times in a row is begun anew with a list: its version may mean nothing any more.
    static let refusalsBeforeRelist = 5
    /// A version may expire this many times in a row, less one, before that is told.
    static let expirationsInOrder = 3
    /// Objects that were removed lately and must not come back by an older event.
    static let rememberedRemovals = 128
}
