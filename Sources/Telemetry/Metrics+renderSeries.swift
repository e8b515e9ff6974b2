/// The label texts of the numbers in a key.
struct SeriesLabels {
    let names: (routes: [String], backends: [String])

    func write(_ key: SeriesKey, to writer: inout ExpositionWriter) {
        writer.label("door", key.door.label)
        writer.label("route", SeriesLabels.name(key.route, in: names.routes))
        writer.label("backend", SeriesLabels.name(key.backend, in: names.backends))
    }

    private static func name(_ id: Int, in names: [String]) -> String {
        id < names.count ? names[id] : names[Int(MetricNames.other)]
    }
}

extension Metrics {
    func render(requests sums: SeriesSums, _ labels: SeriesLabels, to writer: inout ExpositionWriter) {
        let name: StaticString = "weir_requests_total"
        writer.family(name, "counter", "Requests answered, by status class, response flag and status code.")
        for (key, values) in sums.sorted() {
            writer.sample(name)
            labels.write(key, to: &writer)
            writer.label("class", key.status.label)
            writer.label("flag", key.flag.label)
            writer.label("code", key.code.label)
            writer.value(values[values.startIndex])
        }
    }

    func render(durations sums: SeriesSums, _ labels: SeriesLabels, to writer: inout ExpositionWriter) {
        let sorted = sums.sorted()
        let name: StaticString = "weir_request_duration_seconds"
        writer.family(name, "histogram", "Time from the end of a request's head to the last byte of its response.")
        for (key, values) in sorted { renderHistogram(name, key, Array(values), labels, to: &writer) }
        renderBytes(
            "weir_request_bytes_total", "Request body bytes received from clients.", DurationWord.requestBytes, sorted,
            labels, to: &writer)
        renderBytes(
            "weir_response_bytes_total", "Response body bytes sent to clients.", DurationWord.responseBytes, sorted,
            labels, to: &writer)
    }

    private func renderHistogram(
        _ name: StaticString, _ key: SeriesKey, _ values: [UInt64], _ labels: SeriesLabels,
        to writer: inout ExpositionWriter
    ) {
        var count: UInt64 = 0
        for bucket in 0..<DurationWord.bucketCount {
            count &+= values[DurationWord.buckets + bucket]
            writer.sample(name, suffix: "_bucket")
            labels.write(key, to: &writer)
            writer.label("le", bucket < DurationBuckets.labels.count ? DurationBuckets.labels[bucket] : "+Inf")
            writer.value(count)
        }
        writer.sample(name, suffix: "_sum")
        labels.write(key, to: &writer)
        writer.seconds(nanoseconds: values[DurationWord.nanoseconds])
        writer.sample(name, suffix: "_count")
        labels.write(key, to: &writer)
        writer.value(count)
    }

    private func renderBytes(
        _ name: StaticString, _ help: StaticString, _ word: Int,
        _ sorted: [(key: SeriesKey, values: ArraySlice<UInt64>)], _ labels: SeriesLabels,
        to writer: inout ExpositionWriter
    ) {
        writer.family(name, "counter", help)
        for (key, values) in sorted {
            writer.sample(name)
            labels.write(key, to: &writer)
            writer.value(values[values.startIndex + word])
        }
    }
}
