/// Times (nanoseconds) and sizes of watching an API server.
package enum WatchLimits {
    static let second: UInt64 = 1_000_000_000

    /// Objects asked for at once.
    static let pageSize = 500
    /// The server is asked to end a watch after a time in this range, so that watchers of one server do not return
    /// together.
    static let watchSeconds: ClosedRange<UInt64> = 300...600
    /// A watch that outlives what was asked for by this much is taken for dead.
    static let watchGrace = 30 * second
    /// A server that has sent a bookmark sends one about every minute: silence beyond this means that the connection is
    /// dead.
    static let bookmarkSilence = 180 * second
    /// A watch that lived this long was in order, whatever ended it.
    static let settled = 5 * second
    /// Pauses after failures: full jitter below a bound that doubles from the first of these to the second.
    static let firstPause = second / 2
    static let longestPause = 30 * second
    /// What the bound doubles to while no answer comes at all. Of all watches of a process one tries in such a pause:
    /// 10,000 sidecars make 4,000 attempts in a second, fewer than if each of their ten watches tried within
    /// `longestPause` (6,700), and most of them meet a machine that is away. Those that find the server back do so over
    /// this time.
    static let longestReconnectPause = 5 * second
    /// Within this time of the first answer the other watches of the process follow. It parts the watches of one
    /// process; processes are parted by their own pauses, which is why it need not be long.
    static let reconnectSpread = second / 2
    /// A Retry-After beyond this is not believed.
    static let longestRetryAfter = 120 * second
    /// How often a kind that is not served is looked for, and half of it more at random.
    static let reprobePause = 20 * second
    /// A watch that the server refused this many times in a row is begun anew with a list: its version may mean nothing
    /// any more.
    static let refusalsBeforeRelist = 5
    /// A version may expire this many times in a row, less one, before that is told.
    static let expirationsInOrder = 3
    /// Objects that were removed lately and must not come back by an older event.
    static let rememberedRemovals = 128
}
