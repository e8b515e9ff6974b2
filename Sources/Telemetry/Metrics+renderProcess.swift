extension Metrics {
    /// Metrics about the process itself, by the names that Prometheus' client libraries give them.
    func render(_ process: ProcessStatistics, to writer: inout ExpositionWriter) {
        writer.single(
            "process_cpu_seconds_total", "counter", "CPU time of user and kernel, in seconds.", process.cpuSeconds)
        writer.single(
            "process_start_time_seconds", "gauge", "When the process started, in seconds since 1970.",
            process.startSeconds)
        writer.single("process_resident_memory_bytes", "gauge", "Resident memory.", process.residentBytes)
        writer.single("process_virtual_memory_bytes", "gauge", "Virtual memory.", process.virtualBytes)
        writer.single("process_threads", "gauge", "Threads.", process.threads)
        writer.single("process_open_fds", "gauge", "Open file descriptors.", process.openDescriptors)
        writer.single("process_max_fds", "gauge", "File descriptors that may be open.", process.descriptorLimit)
    }

    /// Metrics about how often, and when last, the configuration was exchanged.
    func renderReloads(_ process: ProcessMetrics, to writer: inout ExpositionWriter) {
        if process.snapshotWallMilliseconds > 0 {
            writer.single(
                "weir_snapshot_timestamp_seconds", "gauge",
                "When the serving snapshot was published, in seconds since 1970.",
                Double(process.snapshotWallMilliseconds) / 1000)
        }
        writer.family("weir_reloads_total", "counter", "Snapshots published, by the part that was new.")
        writer.sample("weir_reloads_total")
        writer.label("part", "routes" as StaticString)
        writer.value(process.routeReloads)
        writer.sample("weir_reloads_total")
        writer.label("part", "endpoints" as StaticString)
        writer.value(process.endpointReloads)
        if process.connectionLimit > 0 {
            writer.single(
                "weir_connections_limit", "gauge", "Connections of either side that there is room for.",
                process.connectionLimit)
        }
    }
}
