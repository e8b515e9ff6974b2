/// How the descriptors that a process may have open are shared out, so that what takes many leaves the rest something
/// to work with.
package struct DescriptorBudget: Sendable, Equatable {
    /// With fewer no process starts.
    package static let least = 64
    /// With fewer it is told how few connections that allows.
    package static let recommended = 4096
    /// Kept for what is not a connection of a worker: files, listeners, DNS, the API server, admin and telemetry. It is
    /// never more than a quarter, but where that is less than `leastReserve`, and then never more than a half.
    static let reserve = 1024
    static let leastReserve = 128
    /// A further worker is not worth having when each would have fewer.
    static let leastOfWorker = 32

    package let limit: Int

    package init(limit: Int) {
        self.limit = max(0, limit)
    }

    package var isEnough: Bool { limit >= DescriptorBudget.least }
    package var isScarce: Bool { limit < DescriptorBudget.recommended }

    private var others: Int {
        min(DescriptorBudget.reserve, max(limit / 4, min(limit / 2, DescriptorBudget.leastReserve)))
    }

    /// Workers that the descriptors suffice for, at most `wanted`.
    package func workers(_ wanted: Int) -> Int {
        max(1, min(wanted, (limit - others) / DescriptorBudget.leastOfWorker))
    }

    /// Connections that one of `workers` workers may hold, at most `wanted`.
    package func connections(_ wanted: Int = .max, workers: Int) -> Int {
        max(1, min(wanted, (limit - others) / max(1, workers)))
    }

    /// Connections of a server by which the process tells of itself, at most `wanted`: no more than one of `parts`
    /// parts of what is kept.
    package func serverConnections(_ wanted: Int, oneOf parts: Int) -> Int {
        max(1, min(wanted, others / max(1, parts)))
    }
}
