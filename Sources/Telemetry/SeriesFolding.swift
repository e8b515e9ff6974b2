/// Series whose names were given back: what they counted goes on under `other`, and who gets their numbers begins at
/// nothing.
///
/// The shards' own counters never change for it, since only their threads write them: what is moved is kept beside
/// them, as numbers to be added with wrapping to what is read.
struct SeriesFolding {
    private var moved: [SeriesKey: [UInt64]] = [:]

    /// Moves everything of the numbers to `other`.
    ///
    /// - Parameter sums: what the shards have counted.
    mutating func fold(routes: Set<Int32>, backends: Set<Int32>, of sums: SeriesSums) {
        var sums = sums
        apply(to: &sums)
        for (key, values) in sums.sorted() {
            let target = key.folding(routes: routes, backends: backends)
            guard target != key, values.contains(where: { $0 != 0 }) else { continue }
            add(values.map { 0 &- $0 }, to: key)
            add(Array(values), to: target)
        }
    }

    func apply(to sums: inout SeriesSums) {
        for (key, values) in moved { sums.add(values, to: key) }
    }

    private mutating func add(_ values: [UInt64], to key: SeriesKey) {
        guard let before = moved[key] else {
            moved[key] = values
            return
        }
        moved[key] = zip(before, values).map { $0 &+ $1 }
    }
}

extension Metrics {
    /// Gives back the names of routes and backends that no snapshot has any more, when they become scarce. To be called
    /// before the names of the next snapshot are interned.
    package func reclaimNames() {
        names.reclaim { routes, backends in
            updateFolding { shards, requests, durations in
                let sums = SeriesReading(shards)
                requests.fold(routes: routes, backends: backends, of: sums.requests)
                durations.fold(routes: routes, backends: backends, of: sums.durations)
            }
        }
    }
}

/// The series of all shards as of now.
struct SeriesReading {
    var requests = SeriesSums(width: 1)
    var durations = SeriesSums(width: DurationWord.count)
    var overflows: UInt64 = 0

    init(_ shards: [MetricsShard]) {
        for shard in shards {
            shard.requests.add(to: &requests)
            shard.durations.add(to: &durations)
            overflows &+= shard.requests.overflows &+ shard.durations.overflows
        }
    }
}
