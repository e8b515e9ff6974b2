/// The bounds of the request duration histogram, the same for every route: dashboards compare them.
enum DurationBuckets {
    /// Upper bounds in nanoseconds, inclusive. Documented in `docs/metrics.md`.
    static let bounds: [UInt64] = [
        500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000,
        500_000_000, 1_000_000_000, 2_500_000_000, 10_000_000_000, 60_000_000_000,
    ]

    /// The same bounds in seconds, as the `le` label writes them.
    static let labels: [StaticString] = [
        "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "10", "60",
    ]
}

/// The words of one duration series. The sums stand beside the key, where a request that is counted has been already: a
/// series touches as few cache lines as it can.
enum DurationWord {
    static let nanoseconds = 0
    static let requestBytes = 1
    static let responseBytes = 2
    /// Durations at or below each bound but above the one before, then those above all bounds.
    static let buckets = 3
    static let bucketCount = 15
    static let count = 18
}
