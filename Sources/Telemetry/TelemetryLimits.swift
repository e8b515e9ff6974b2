/// The bounds on what telemetry may hold, in one place.
package enum TelemetryLimits {
    /// Distinct route names, and as many backend names, a process keeps metric identities for. Names beyond it
    /// are counted as `other`. Of the second half no namespace gets more than a twentieth of all. Identities of what is
    /// gone are given to new names, so a long life of churn does not use them up.
    package static let metricNames = 20_000

    /// Bytes of one route or backend name in a label; longer names are cut.
    package static let labelBytes = 320

    /// Slots of a shard's request series when it is created: a sidecar is paid for once per pod.
    package static let initialSeriesSlots = 64

    /// Slots of a shard's request series at most (16 bytes each); three quarters of them are used before
    /// further series are counted under route `other`, backend `other`. Of the second half of these no namespace gets
    /// more than a twentieth of all.
    package static let maximumSeriesSlots = 32_768

    /// Slots of a shard's duration histograms when it is created.
    package static let initialDurationSlots = 16

    /// Slots of a shard's duration histograms at most (152 bytes each).
    package static let maximumDurationSlots = 16_384

    /// Kinds of rejected requests a shard counts apart.
    package static let rejectionKinds = 64

    /// Bytes of one access log buffer. A record never needs more than one whole buffer.
    package static let accessLogBufferBytes = 32 * 1024

    /// Full access log buffers that may wait for the writer, over all workers (2 MiB).
    package static let accessLogQueuedBuffers = 64

    /// Nanoseconds after which a buffer with records in it is handed over although it is not full.
    package static let accessLogMaximumAge: UInt64 = 1_000_000_000

    /// Bytes of one operational log line.
    package static let logLineBytes = 4_096

    /// Bytes that are read of one of the kernel's files about this process.
    static let procFileBytes = 64 * 1024
}
