package import ControlHTTP
internal import Reactor

/// Times (nanoseconds) and sizes of the served API.
package struct ServedAPILimits: Sendable {
    package static let second: UInt64 = 1_000_000_000

    /// Bytes that are handed to a connection at once; the next ones follow when these are sent.
    var batchBytes = 256 << 10
    /// Objects, or changes, that are looked at for one batch.
    var batchObjects = 1000
    /// Bytes that may wait for a watcher which is told of changes as they happen. One that has more is slow: it is told
    /// from the history as it takes what is sent, and is cut off when the history does not reach back to where it is.
    var watcherBacklog = 1 << 20
    /// Without a change a watcher that allows it is sent a bookmark this often, up to a quarter sooner.
    var bookmarkInterval = 60 * second
    /// A watch ends after a time in this range, in seconds, when its client does not say when.
    var watchSeconds: ClosedRange<UInt64> = 1800...3600
    /// No watch lasts longer, whatever its client says: credentials are looked at when a watch begins.
    var longestWatchSeconds: UInt64 = 3600
    /// Watches at once.
    var watchers = 100_000
    /// Bytes of a selector, and requirements in it.
    static let selectorBytes = 4096
    static let selectorRequirements = 64

    package init() {}

    /// For the server that the API is served on: tens of thousands of connections, most of which wait, but never so
    /// many that no descriptor is left to reach the API server with. Nothing is written to, so bodies are of no use.
    package static var server: HTTPServerLimits {
        var limits = HTTPServerLimits()
        limits.connections = DescriptorBudget(limit: DescriptorLimit.raise()).connections(100_000, workers: 1)
        limits.headBytes = 16 << 10
        limits.bodyBytes = 1 << 10
        limits.heldBytes = 64 << 20
        // Proxies behind one address are many, and have as much right to be here as others.
        limits.sharesConnections = false
        limits.idleTimeout = 120 * second
        limits.writeTimeout = 30 * second
        limits.streamBytes = 8 << 20
        return limits
    }
}
