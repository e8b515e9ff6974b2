internal import Synchronization

/// Numbers of the process as a whole, set by the configuration thread.
package struct ProcessMetrics: Sendable, Equatable {
    /// When the snapshot was published that is served by the worker with the oldest, in the clock `Metrics.render` is
    /// given; nil before the first.
    package var snapshotNanoseconds: UInt64?
    /// When that was by the wall clock, in milliseconds since 1970; 0 before the first.
    package var snapshotWallMilliseconds: UInt64 = 0
    /// Counts published snapshots.
    package var snapshotVersion: UInt64 = 0
    /// Of these, the ones for which routes were compiled, and the ones in which endpoints alone were new.
    package var routeReloads: UInt64 = 0
    package var endpointReloads: UInt64 = 0
    /// Connections of either side that all workers together have room for; 0 where there are no workers.
    package var connectionLimit: UInt64 = 0
    /// The oldest snapshot that a worker serves.
    package var servedVersion: UInt64 = 0
    /// Bytes that may wait in the process.
    package var bufferLimit: UInt64 = 0
    /// Workers that have not taken up a snapshot in time.
    package var workersBehind: UInt64 = 0
    /// How long the serving snapshot took to compile.
    package var snapshotCompileNanoseconds: UInt64 = 0
    /// Objects with a problem, as `weir check` would report them.
    package var sourceProblems: UInt64 = 0
    /// Whether the source of the resources can be reached.
    package var sourceHealthy = false
    /// Whether `/healthz/ready` answers 200.
    package var ready = false
    /// Names the resolver cannot refresh at present.
    package var resolverFailing: UInt64 = 0
    /// When the first of the served certificates expires, in seconds since 1970; nil when none is served.
    package var certificateExpiry: Int64?
    /// Whether the rules that redirect to a sidecar's doors are there; nil where that is not known, or there need be
    /// none.
    package var redirectRules: Bool?

    package init() {}
}

/// Everything the process measures, and its Prometheus exposition.
package final class Metrics: Sendable {
    /// The numbers of routes and backends in every shard.
    package let names: MetricNames
    let rejectionNames: [String]
    let version: String

    private struct State {
        var shards: [MetricsShard] = []
        var process = ProcessMetrics()
        var requests = SeriesFolding()
        var durations = SeriesFolding()
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - names: where the configuration side interns routes and backends.
    ///   - rejectionNames: `reason` labels by the kind given to `MetricsShard.reject(kind:)`.
    ///   - version: Weir's version, shown as a label of `weir_build_info`.
    package init(names: MetricNames = MetricNames(), rejectionNames: [String] = [], version: String = "") {
        self.names = names
        self.rejectionNames = Array(rejectionNames.prefix(TelemetryLimits.rejectionKinds))
        self.version = version
    }

    /// A new worker's shard. It is counted as long as the process lives, so counters never fall.
    package func makeShard() -> MetricsShard {
        let shard = MetricsShard(owners: names.owners)
        state.withLock { $0.shards.append(shard) }
        return shard
    }

    /// Changes the numbers of the process.
    package func update(_ change: (inout ProcessMetrics) -> Void) {
        state.withLock { change(&$0.process) }
    }

    /// The series as they are told.
    func currentSeries() -> SeriesReading {
        state.withLock { state in
            var reading = SeriesReading(state.shards)
            state.requests.apply(to: &reading.requests)
            state.durations.apply(to: &reading.durations)
            return reading
        }
    }

    func updateFolding(
        _ change: (_ shards: [MetricsShard], _ requests: inout SeriesFolding, _ durations: inout SeriesFolding) -> Void
    ) {
        state.withLock { change($0.shards, &$0.requests, &$0.durations) }
    }

    /// The shards and the process numbers as of now.
    func current() -> (shards: [MetricsShard], process: ProcessMetrics) {
        state.withLock { ($0.shards, $0.process) }
    }
}
