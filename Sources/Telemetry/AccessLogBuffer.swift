/// One worker's access log: formats records into a fixed buffer and hands full ones to the sink.
///
/// Only its worker uses it. No lock but at a hand-over, no allocation but for the first buffers.
package final class AccessLogBuffer {
    /// Changed when the configuration changes; takes effect with the next record.
    package var mode: AccessLogMode
    package var format: AccessLogFormat

    private let sink: AccessLogSink
    private let shard: MetricsShard
    private var chunk: AccessLogChunk?
    private var oldest: UInt64 = 0

    /// - Parameters:
    ///   - sink: who writes the records.
    ///   - shard: where records that are lost are counted.
    package init(mode: AccessLogMode, format: AccessLogFormat, sink: AccessLogSink, shard: MetricsShard) {
        self.mode = mode
        self.format = format
        self.sink = sink
        self.shard = shard
    }

    deinit {
        handOver()
    }

    /// When records must be handed over at the latest, in monotonic nanoseconds; nil when there are none.
    ///
    /// The worker calls `flushIfAged` no later than shortly after.
    package var deadline: UInt64? {
        chunk == nil ? nil : oldest &+ TelemetryLimits.accessLogMaximumAge
    }

    /// Writes a record, if the mode asks for it.
    ///
    /// - Parameter now: monotonic nanoseconds.
    package func append(_ record: borrowing AccessLogRecord, now: UInt64) {
        guard mode.records(status: record.status, flag: record.flag) else { return }
        if write(record, now: now) { return }
        handOver()
        // Field limits make any record fit in an empty buffer; without memory for one it is lost.
        if !write(record, now: now) { shard.add(.accessLogRecordsDropped) }
    }

    /// Hands records over that have waited long enough.
    ///
    /// - Parameter now: monotonic nanoseconds.
    package func flushIfAged(now: UInt64) {
        if let deadline, now >= deadline { handOver() }
    }

    /// Hands over what there is, for the end of the worker.
    package func flush() { handOver() }

    private func write(_ record: borrowing AccessLogRecord, now: UInt64) -> Bool {
        if chunk == nil {
            chunk = sink.takeFree()
            oldest = now
        }
        guard let memory = chunk?.memory, let used = chunk?.count else { return false }
        var line = LineWriter(memory: memory, start: used)
        record.write(to: &line, format: format)
        guard !line.overflowed else { return false }
        chunk?.count = line.count
        chunk?.records += 1
        return true
    }

    private func handOver() {
        guard let full = chunk else { return }
        chunk = nil
        guard full.count > 0 else {
            sink.giveBack(full)
            return
        }
        shard.add(.accessLogRecordsDropped, UInt64(sink.handOver(full)))
    }
}
