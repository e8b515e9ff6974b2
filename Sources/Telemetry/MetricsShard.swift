internal import CLinux

/// What one worker counts. Only its thread records; any thread may read through `Metrics`.
///
/// Nothing here locks, and nothing allocates once the series of the traffic are known.
package final class MetricsShard: @unchecked Sendable {
    let requests: SeriesTable
    let durations: SeriesTable

    /// The plain numbers: shard counters, door counters by door, rejections by kind, sheds by reason.
    private let words: UnsafeMutablePointer<UInt64>
    /// The shard's own copy of the bucket bounds: a local pointer is cheaper than a shared array.
    private let bounds: UnsafeMutablePointer<UInt64>

    private static let doorBase = ShardCounter.allCases.count
    private static let rejectionBase = doorBase + DoorCounter.allCases.count * Door.allCases.count
    private static let shedBase = rejectionBase + TelemetryLimits.rejectionKinds
    private static let wordCount = shedBase + ShedReason.allCases.count

    /// - Parameter maximumSeries: slots for request series before further ones are counted as `other`.
    package convenience init(maximumSeries: Int = TelemetryLimits.maximumSeriesSlots) {
        self.init(maximumSeries: maximumSeries, owners: nil)
    }

    /// - Parameter owners: whose series are, so that no namespace takes all of them.
    init(maximumSeries: Int = TelemetryLimits.maximumSeriesSlots, owners: SeriesOwners?) {
        requests = SeriesTable(
            width: 1, slots: TelemetryLimits.initialSeriesSlots, maximumSlots: maximumSeries, owners: owners)
        durations = SeriesTable(
            width: DurationWord.count, slots: TelemetryLimits.initialDurationSlots,
            maximumSlots: min(maximumSeries, TelemetryLimits.maximumDurationSlots), owners: owners)
        words = .allocate(capacity: MetricsShard.wordCount)
        words.initialize(repeating: 0, count: MetricsShard.wordCount)
        bounds = .allocate(capacity: DurationBuckets.bounds.count)
        for (index, bound) in DurationBuckets.bounds.enumerated() { (bounds + index).initialize(to: bound) }
    }

    deinit {
        words.deallocate()
        bounds.deallocate()
    }
}

// MARK: - Recording

extension MetricsShard {
    /// Counts one finished request.
    ///
    /// - Parameters:
    ///   - route: its number from `MetricNames`, `MetricNames.none` when no route matched.
    ///   - backend: its number from `MetricNames`, `MetricNames.none` when none was chosen.
    ///   - status: the status code sent to the client; 0 when none was.
    ///   - durationNanoseconds: from the end of the head to the last byte of the response.
    ///   - requestBytes: body bytes received from the client.
    ///   - responseBytes: body bytes sent to the client.
    package func recordRequest(
        door: Door, route: Int32, backend: Int32, status: Int, flag: ResponseFlag, durationNanoseconds: UInt64,
        requestBytes: UInt64, responseBytes: UInt64
    ) {
        let key = SeriesKey(
            door: door, route: route, backend: backend, status: StatusClass(status: status), flag: flag,
            code: StatusCode(status: status))
        weir_counter_add(requests.values(of: key), 1)
        let duration = durations.values(of: SeriesKey(door: door, route: route, backend: backend))
        weir_counter_add(duration + DurationWord.buckets + bucket(of: durationNanoseconds), 1)
        weir_counter_add(duration + DurationWord.nanoseconds, durationNanoseconds)
        weir_counter_add(duration + DurationWord.requestBytes, requestBytes)
        weir_counter_add(duration + DurationWord.responseBytes, responseBytes)
    }

    /// Adds to a counter, or raises a gauge.
    package func add(_ counter: ShardCounter, _ amount: UInt64 = 1) {
        weir_counter_add(words + counter.rawValue, amount)
    }

    /// Lowers a gauge.
    package func subtract(_ gauge: ShardCounter, _ amount: UInt64 = 1) {
        weir_counter_add(words + gauge.rawValue, 0 &- amount)
    }

    /// Sets a gauge.
    package func set(_ gauge: ShardCounter, _ value: UInt64) {
        weir_counter_store(words + gauge.rawValue, value)
    }

    /// Adds to a door's counter, or raises its gauge.
    package func add(_ counter: DoorCounter, _ door: Door, _ amount: UInt64 = 1) {
        weir_counter_add(words + MetricsShard.index(counter, door), amount)
    }

    /// Lowers a door's gauge.
    package func subtract(_ gauge: DoorCounter, _ door: Door, _ amount: UInt64 = 1) {
        weir_counter_add(words + MetricsShard.index(gauge, door), 0 &- amount)
    }

    /// Counts a request that was refused before it could be routed.
    ///
    /// - Parameter kind: an index into the reasons given to `Metrics`; the last kind stands for all beyond it.
    package func reject(kind: UInt8) {
        let index = min(Int(kind), TelemetryLimits.rejectionKinds - 1)
        weir_counter_add(words + MetricsShard.rejectionBase + index, 1)
    }

    /// Counts a connection that was ended to make room.
    package func shed(_ reason: ShedReason) {
        weir_counter_add(words + MetricsShard.shedBase + reason.rawValue, 1)
    }

    private func bucket(of nanoseconds: UInt64) -> Int {
        var index = 0
        while index < DurationWord.bucketCount - 1 && nanoseconds > bounds[index] { index += 1 }
        return index
    }

    private static func index(_ counter: DoorCounter, _ door: Door) -> Int {
        doorBase + counter.rawValue * Door.allCases.count + Int(door.rawValue)
    }
}

// MARK: - Reading

extension MetricsShard {
    /// The value of a number as of now. A gauge's shards may be below zero one by one, never in sum.
    package func value(_ counter: ShardCounter) -> UInt64 {
        weir_counter_load(words + counter.rawValue)
    }

    /// The value of a door's number as of now.
    package func value(_ counter: DoorCounter, _ door: Door) -> UInt64 {
        weir_counter_load(words + MetricsShard.index(counter, door))
    }

    /// How many connections were ended to make room.
    package func value(_ reason: ShedReason) -> UInt64 {
        weir_counter_load(words + MetricsShard.shedBase + reason.rawValue)
    }

    /// How many requests were refused for the reason `kind`.
    package func rejections(kind: Int) -> UInt64 {
        guard kind >= 0 && kind < TelemetryLimits.rejectionKinds else { return 0 }
        return weir_counter_load(words + MetricsShard.rejectionBase + kind)
    }
}
