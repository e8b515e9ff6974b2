/// Bounds of the status parts of the Gateway API's definitions, and of what writing them may cost.
enum StatusLimits {
    /// `status.parents` of a route.
    static let parents = 32
    /// `status.ancestors` of a policy.
    static let ancestors = 16
    /// Conditions of one object, listener or parent.
    static let conditions = 8
    static let listeners = 64
    static let addresses = 16
    /// UTF-8 bytes of a condition's message; the definitions count characters, which are no more than that.
    static let messageBytes = 32_768
}

/// How often and how much the status writer writes. Times are nanoseconds.
package struct StatusWriterSettings: Sendable {
    /// From the first sign of a change to looking at it: what changes within it becomes one write.
    package var window: UInt64 = 100_000_000
    /// Between two writes of one object.
    package var interval: UInt64 = 1_000_000_000
    /// The first pause after a failure, or after somebody undid what was written; it doubles each time.
    package var firstPause: UInt64 = 1_000_000_000
    package var longestPause: UInt64 = 300_000_000_000
    /// The first and the longest pause of all writing when the server is out of reach, overloaded or failing.
    package var firstOutage: UInt64 = 500_000_000
    package var longestOutage: UInt64 = 30_000_000_000
    /// How long a conflicting change of an object may take to arrive by the watch.
    package var conflictWait: UInt64 = 10_000_000_000
    /// After that long without a write an object's history of undone writes is forgotten.
    package var memory: UInt64 = 600_000_000_000
    /// Writes under way at once.
    package var width = 8
    /// Until the server has to have answered.
    package var timeout: UInt64 = 15_000_000_000
    /// Objects looked at in one turn of the loop; the others wait for the next.
    package var looksPerTurn = 256

    package init() {}
}
