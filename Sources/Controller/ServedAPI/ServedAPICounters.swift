/// What the served API has done since its start, and what it does now.
package struct ServedAPICounters: Sendable, Hashable {
    /// Watches that are open.
    package var watchers = 0
    package var watchesStarted: UInt64 = 0
    package var lists: UInt64 = 0
    package var reads: UInt64 = 0
    /// Changes of served objects.
    package var changes: UInt64 = 0
    /// Changes that watchers were sent, each counted.
    package var eventsSent: UInt64 = 0
    /// Watchers that were slow, and were told from the history for a while.
    package var watchersFellBehind: UInt64 = 0
    /// Watchers that were cut off because the history did not reach back to where they were.
    package var watchersExpired: UInt64 = 0
    /// Requests whose resource version is not known any more (410).
    package var goneAnswers: UInt64 = 0
    /// Requests without acceptable credentials (401, 403).
    package var refused: UInt64 = 0
    /// Requests whose credentials could not be looked at (503).
    package var unauthenticated: UInt64 = 0

    package init() {}
}
