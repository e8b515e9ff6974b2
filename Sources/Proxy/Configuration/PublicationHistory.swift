/// When the snapshots were published that some worker may still serve: the age that is shown is that of what is served.
struct PublicationHistory {
    struct Entry: Equatable {
        var version: UInt64
        var at: UInt64
        /// The same by the wall clock, in milliseconds since 1970.
        var wall: UInt64 = 0
    }

    /// A worker that has not taken up the newest snapshot after this long is behind.
    static let patience = 5 * ProxyLimits.second

    /// In the order of their versions.
    private(set) var entries: [Entry] = []

    /// - Parameter version: higher than those before; the same again changes nothing.
    mutating func published(_ version: UInt64, at now: UInt64, wall: UInt64 = 0) {
        guard version > entries.last?.version ?? 0 else { return }
        entries.append(Entry(version: version, at: now, wall: wall))
    }

    /// Forgets what no worker serves any more.
    ///
    /// - Parameter version: the oldest that one serves; 0 when one serves none yet.
    mutating func served(since version: UInt64) {
        guard let first = entries.firstIndex(where: { $0.version >= version }), first > 0 else { return }
        entries.removeFirst(first)
    }

    /// The snapshot of the worker that has the oldest; nil before each has one.
    func entry(served version: UInt64) -> Entry? {
        entries.first { $0.version == version }
    }

    /// Whether a worker that serves `version` should have taken up a later one by now.
    func isBehind(_ version: UInt64, now: UInt64) -> Bool {
        guard let next = entries.first(where: { $0.version > version }) else { return false }
        return now >= next.at &+ PublicationHistory.patience
    }
}
