internal import GatewayAPI

/// The Services whose routes a sidecar compiles: those that its pod has called. Bounded: a pod that calls the whole
/// cluster pays for what it called last.
struct CalledServices {
    /// Services whose routes are compiled at once.
    static let limit = 1_024

    private(set) var keys: Set<ObjectKey> = []
    /// The one that has not been called for longest comes first.
    private var order: [ObjectKey] = []

    /// True when some were not known.
    mutating func add(_ services: Set<ObjectKey>) -> Bool {
        let new = services.subtracting(keys).sorted()
        guard !new.isEmpty else { return false }
        order += new
        keys.formUnion(new)
        for forgotten in order.prefix(max(order.count - Self.limit, 0)) { keys.remove(forgotten) }
        order.removeFirst(max(order.count - Self.limit, 0))
        return true
    }

    /// Takes note that some are still called.
    mutating func use(_ services: Set<ObjectKey>) {
        guard !services.isDisjoint(with: keys) else { return }
        order = order.filter { !services.contains($0) } + order.filter(services.contains)
    }
}
