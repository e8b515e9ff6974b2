extension Metrics {
    /// The exposition of every metric, in Prometheus text format 0.0.4.
    ///
    /// Called on the telemetry thread; workers go on meanwhile, so the sums are of slightly different moments.
    ///
    /// - Parameter now: monotonic nanoseconds, the clock of `ProcessMetrics.snapshotNanoseconds`.
    package func render(now: UInt64) -> [UInt8] {
        let (shards, process) = current()
        var writer = ExpositionWriter()
        render(process, now: now, to: &writer)
        if let statistics = ProcessStatistics.current() { render(statistics, to: &writer) }
        renderDoors(shards, to: &writer)
        renderCounters(shards, to: &writer)
        renderRejections(shards, to: &writer)
        renderSheds(shards, to: &writer)
        // Read after the shards: a number in a shard was interned before it was recorded.
        let sums = currentSeries()
        let labels = SeriesLabels(names: names.names())
        render(requests: sums.requests, labels, to: &writer)
        render(durations: sums.durations, labels, to: &writer)
        writer.family("weir_series_overflows_total", "counter", "Requests counted as other because a table was full.")
        writer.sample("weir_series_overflows_total")
        writer.value(sums.overflows)
        return writer.bytes
    }

    private func render(_ process: ProcessMetrics, now: UInt64, to writer: inout ExpositionWriter) {
        writer.family("weir_build_info", "gauge", "Always 1; the version is a label.")
        writer.sample("weir_build_info")
        writer.label("version", version)
        writer.value(1)
        func gauge(_ name: StaticString, _ help: StaticString, _ value: UInt64) {
            writer.family(name, "gauge", help)
            writer.sample(name)
            writer.value(value)
        }
        gauge("weir_ready", "1 when the readiness check answers 200.", process.ready ? 1 : 0)
        gauge("weir_source_healthy", "1 when the source of resources can be read.", process.sourceHealthy ? 1 : 0)
        gauge("weir_source_problems", "Resources with a problem, as weir check reports them.", process.sourceProblems)
        gauge("weir_snapshot_version", "Snapshots published since the start.", process.snapshotVersion)
        gauge("weir_snapshot_served_version", "The oldest snapshot that a worker serves.", process.servedVersion)
        gauge("weir_workers_behind", "Workers that have not taken up a snapshot in time.", process.workersBehind)
        gauge("weir_buffered_bytes_limit", "Bytes that may wait before some are shed.", process.bufferLimit)
        gauge("weir_resolver_failing_names", "Host names that cannot be resolved afresh.", process.resolverFailing)
        if let expiry = process.certificateExpiry {
            let help: StaticString = "When the first of the served certificates expires, in seconds since 1970."
            gauge("weir_certificate_expiry_timestamp_seconds", help, UInt64(clamping: expiry))
        }
        if let areInPlace = process.redirectRules {
            let help: StaticString = "1 while the rules that redirect to the doors are found, 0 when they are missing."
            gauge("weir_redirect_rules_in_place", help, areInPlace ? 1 : 0)
        }
        if let built = process.snapshotNanoseconds {
            let help: StaticString = "Time since the oldest snapshot that a worker serves was published."
            writer.family("weir_snapshot_age_seconds", "gauge", help)
            writer.sample("weir_snapshot_age_seconds")
            writer.seconds(nanoseconds: now > built ? now - built : 0)
        }
        renderReloads(process, to: &writer)
        writer.family("weir_snapshot_compile_seconds", "gauge", "Time the serving snapshot took to compile.")
        writer.sample("weir_snapshot_compile_seconds")
        writer.seconds(nanoseconds: process.snapshotCompileNanoseconds)
        let help: StaticString = "Operational log lines left out because they repeated others."
        writer.family("weir_log_lines_suppressed_total", "counter", help)
        writer.sample("weir_log_lines_suppressed_total")
        writer.value(Log.suppressedLines)
    }

    private func renderDoors(_ shards: [MetricsShard], to writer: inout ExpositionWriter) {
        for counter in DoorCounter.allCases {
            let description = counter.description
            writer.family(description)
            for door in Door.allCases {
                writer.sample(description.name)
                writer.label("door", door.label)
                write(shards.reduce(0) { $0 &+ $1.value(counter, door) }, description.kind, to: &writer)
            }
        }
    }

    private func renderCounters(_ shards: [MetricsShard], to writer: inout ExpositionWriter) {
        for counter in ShardCounter.allCases {
            let description = counter.description
            writer.family(description)
            writer.sample(description.name)
            write(shards.reduce(0) { $0 &+ $1.value(counter) }, description.kind, to: &writer)
        }
    }

    private func renderRejections(_ shards: [MetricsShard], to writer: inout ExpositionWriter) {
        let name: StaticString = "weir_rejected_requests_total"
        writer.family(name, "counter", "Requests refused before they could be routed.")
        for (kind, reason) in rejectionNames.enumerated() {
            writer.sample(name)
            writer.label("reason", reason)
            writer.value(shards.reduce(0) { $0 &+ $1.rejections(kind: kind) })
        }
    }

    private func renderSheds(_ shards: [MetricsShard], to writer: inout ExpositionWriter) {
        let name: StaticString = "weir_connections_shed_total"
        writer.family(name, "counter", "Connections ended to make room for others.")
        for reason in ShedReason.allCases {
            writer.sample(name)
            writer.label("reason", reason.label)
            writer.value(shards.reduce(0) { $0 &+ $1.value(reason) })
        }
    }

    private func write(_ value: UInt64, _ kind: MetricKind, to writer: inout ExpositionWriter) {
        switch kind {
        case .counter: writer.value(value)
        case .gauge: writer.gauge(value)
        }
    }
}
