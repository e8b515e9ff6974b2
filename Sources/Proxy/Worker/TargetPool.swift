internal import Reactor

/// The idle connections of one target, newest first.
struct TargetPool: BitwiseCopyable {
    var head: Int32 = -1
    var count: Int32 = 0
}

/// The pools of a worker: by endpoint number, and for fixed addresses by the worker's own numbers.
struct TargetPools: ~Copyable {
    /// Fixed addresses (own application ports, dialled pod addresses) a worker remembers; beyond it connections are
    /// not pooled.
    static let directLimit = 4096

    private var endpoints: UnsafeMutableBufferPointer<TargetPool>
    private var direct: UnsafeMutableBufferPointer<TargetPool>
    private var directIndices: [SocketAddress: Int32] = [:]

    init() {
        endpoints = .allocate(capacity: 0)
        direct = .allocate(capacity: 0)
    }

    deinit {
        endpoints.deallocate()
        direct.deallocate()
    }

    /// Makes room for endpoint numbers below `count`.
    mutating func reserve(endpoints count: Int) {
        guard count > endpoints.count else { return }
        endpoints = TargetPools.grown(endpoints, to: max(count, endpoints.count * 2))
    }

    /// The number of a fixed address; nil when there are too many.
    mutating func directTarget(_ address: SocketAddress) -> Target? {
        if let index = directIndices[address] { return .direct(index) }
        guard directIndices.count < TargetPools.directLimit else { return nil }
        let index = Int32(directIndices.count)
        if Int(index) >= direct.count {
            direct = TargetPools.grown(direct, to: max(16, direct.count * 2))
        }
        directIndices[address] = index
        return .direct(index)
    }

    /// The pool of a target; nil for one that has none.
    func pool(_ target: Target) -> UnsafeMutablePointer<TargetPool>? {
        let pools = target.isDirect ? direct : endpoints
        guard target.index >= 0, Int(target.index) < pools.count, let base = pools.baseAddress else { return nil }
        return base + Int(target.index)
    }

    private static func grown(
        _ old: UnsafeMutableBufferPointer<TargetPool>, to count: Int
    ) -> UnsafeMutableBufferPointer<TargetPool> {
        let new = UnsafeMutableBufferPointer<TargetPool>.allocate(capacity: count)
        new.initialize(repeating: TargetPool())
        for position in 0..<old.count { new[position] = old[position] }
        old.deallocate()
        return new
    }
}
