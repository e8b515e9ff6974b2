internal import Reactor

/// The idle connections of one target, newest first.
struct TargetPool: BitwiseCopyable {
    var head: Int32 = -1
    var count: Int32 = 0
}

/// The pools of a worker: by endpoint number, and for fixed addresses by the worker's own numbers.
struct TargetPools: ~Copyable {
    /// Fixed addresses (own application ports, dialled pod addresses) a worker remembers; a further one takes the
    /// number of the one that has not been used for the longest time.
    static let directLimit = 4096

    private var endpoints: UnsafeMutableBufferPointer<TargetPool>
    private var direct: UnsafeMutableBufferPointer<TargetPool>
    private var directIndices: [SocketAddress: Int32] = [:]
    /// By number.
    private var directUses: [(address: SocketAddress, last: UInt64)] = []
    private var uses: UInt64 = 0

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

    /// The number of a fixed address, and whether it was another's until now: what is pooled under it is of no use.
    mutating func directTarget(_ address: SocketAddress) -> (target: Target, wasOthers: Bool) {
        uses += 1
        if let index = directIndices[address] {
            directUses[Int(index)].last = uses
            return (.direct(index), false)
        }
        guard directIndices.count < TargetPools.directLimit else { return (.direct(replaceOldest(address)), true) }
        let index = Int32(directIndices.count)
        if Int(index) >= direct.count {
            direct = TargetPools.grown(direct, to: max(16, direct.count * 2))
        }
        directIndices[address] = index
        directUses.append((address, uses))
        return (.direct(index), false)
    }

    private mutating func replaceOldest(_ address: SocketAddress) -> Int32 {
        var oldest = 0
        for index in directUses.indices where directUses[index].last < directUses[oldest].last { oldest = index }
        directIndices[directUses[oldest].address] = nil
        directIndices[address] = Int32(oldest)
        directUses[oldest] = (address, uses)
        return Int32(oldest)
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
