internal import Synchronization

/// A worker's finding about an endpoint that concerns them all.
package struct EndpointReport: BitwiseCopyable, Sendable {
    /// See `EndpointRegistry`.
    package var id: Int32
    package var generation: UInt32
    package var standing: EndpointStates.Standing
    /// Monotonic nanoseconds.
    package var pausedUntil: UInt64
    /// Ejections in a row.
    package var ejections: UInt8
    var needsAnswer: Bool
    var isCostly: Bool
}

/// The way in which the workers of a process tell each other which endpoints fail, and which are well again: else each
/// of them would pay for it
/// with requests of its own. Rare; in the steady state a worker reads one number that nobody writes.
package final class EndpointReports: Sendable {
    /// Reports that are kept for workers that have not seen them yet.
    static let kept = 256
    /// Standings that are kept for whoever asks; the oldest go first.
    static let remembered = 4096

    private struct Contents {
        var recent: [EndpointReport] = []
        /// Endpoints that are not well, by number.
        var standings: [Int32: EndpointReport] = [:]
    }

    private let contents = Mutex(Contents())
    private let added = Atomic<UInt64>(0)

    package init() {}

    /// Reports added since the start.
    package var count: UInt64 { added.load(ordering: .acquiring) }

    package func add(_ report: EndpointReport) {
        contents.withLock { contents in
            if contents.recent.count < EndpointReports.kept {
                contents.recent.append(report)
            } else {
                contents.recent[Int(added.load(ordering: .relaxed) % UInt64(EndpointReports.kept))] = report
            }
            added.wrappingAdd(1, ordering: .releasing)
            contents.standings[report.id] = report.standing == .well ? nil : report
            guard contents.standings.count > EndpointReports.remembered else { return }
            if let oldest = contents.standings.min(by: { $0.value.pausedUntil < $1.value.pausedUntil }) {
                contents.standings[oldest.key] = nil
            }
        }
    }

    /// Those added after the first `seen`, as far as they are kept.
    package func added(after seen: UInt64) -> [EndpointReport] {
        contents.withLock { contents in
            let count = added.load(ordering: .relaxed)
            let first = max(seen, count - UInt64(contents.recent.count))
            return (first..<max(first, count)).map { contents.recent[Int($0 % UInt64(EndpointReports.kept))] }
        }
    }

    /// Endpoints that are not well, as the last worker that had to do with each of them says.
    package var standings: [EndpointReport] { contents.withLock { Array($0.standings.values) } }
}
