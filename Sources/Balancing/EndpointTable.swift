package import GatewayAPI

/// The endpoints of every backend, laid out flat: the part of a snapshot that changes when pods come and go.
///
/// Immutable once made, so any thread may read it. Backends are numbered as the route table numbers them: those of the
/// plan, then the Services of the catalog. Of the latter only those have endpoints here that are known.
package final class EndpointTable: @unchecked Sendable {
    /// One address and port that takes requests.
    package struct Endpoint: BitwiseCopyable, Sendable {
        /// See `EndpointRegistry`.
        package var id: Int32
        package var generation: UInt32
        package var port: UInt16
        var isIPv6: Bool
        var high: UInt64
        var low: UInt64

        package var address: IPAddress { IPAddress(high: high, low: low, isIPv6: isIPv6) }
    }

    /// Where a backend's endpoints lie.
    struct Extent: BitwiseCopyable {
        var start: Int32
        var count: Int32
        var isService: Bool
        /// Its EndpointSlices have been read. What is not known may have any number of endpoints.
        var isKnown = true
        /// Where the cluster itself takes connections for it: a ClusterIP and port; port 0 when it has none.
        var frontend = Frontend()
    }

    struct Frontend: BitwiseCopyable {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var port: UInt16 = 0
        var isIPv6 = false
    }

    /// What the backends of the plan are, by number.
    package let keys: [EndpointKey]
    /// What the backends after those are.
    let catalog: (any ServiceCatalog)?
    /// Where the extent of each of the catalog's backends lies; -1 for one that is not known.
    private let places: UnsafeMutableBufferPointer<Int32>
    /// Of the plan's backends, then of what is known of the catalog.
    private let extents: UnsafeMutableBufferPointer<Extent>
    private let all: UnsafeMutableBufferPointer<Endpoint>
    /// Open addressing by address and port; positions in `all`, -1 free.
    private let slots: UnsafeMutableBufferPointer<Int32>
    /// Open addressing by key; positions in `keys`, -1 free.
    private let keySlots: UnsafeMutableBufferPointer<Int32>
    private let sequence: UInt64
    private let tables: LiveTables
    /// nil when every backend's endpoints are read whether or not anyone asks.
    private let usage: BackendUsage?
    /// Numbers of endpoints are below this.
    package let idCapacity: Int

    /// - Parameter known: the catalog's backends that have extents, in the order of those.
    init(
        keys: [EndpointKey], catalog: (any ServiceCatalog)?, known: [Int32], extents: [Extent], endpoints: [Endpoint],
        sequence: UInt64, registry: EndpointRegistry, isLazy: Bool
    ) {
        self.keys = keys
        self.catalog = catalog
        places = .allocate(capacity: Int(catalog?.count ?? 0))
        places.initialize(repeating: -1)
        for (position, entry) in known.enumerated() { places[Int(entry)] = Int32(keys.count + position) }
        usage = isLazy ? BackendUsage(count: keys.count + places.count) : nil
        self.extents = EndpointTable.copy(extents)
        all = EndpointTable.copy(endpoints)
        slots = EndpointTable.index(endpoints)
        keySlots = EndpointTable.index(keys)
        self.sequence = sequence
        tables = registry.tables
        idCapacity = registry.capacity
    }

    deinit {
        places.deallocate()
        extents.deallocate()
        all.deallocate()
        slots.deallocate()
        keySlots.deallocate()
        tables.remove(sequence)
    }

    /// Endpoints of all backends; one that serves two of them counts twice.
    package var endpointCount: Int { all.count }

    /// Backends of the plan and of the catalog, those with unknown endpoints included; their numbers are below this.
    package var backendCount: Int32 { Int32(keys.count + places.count) }

    /// The catalog's number of a backend; nil for a backend of the plan, and for what is none.
    private func entry(_ backend: Int32) -> Int32? {
        let entry = Int(backend) - keys.count
        return entry >= 0 && entry < places.count ? Int32(entry) : nil
    }

    /// How a backend stands; nil for one that is not known, and for what is none.
    func extent(_ backend: Int32) -> Extent? {
        guard backend >= 0 else { return nil }
        var position = Int(backend)
        if position >= keys.count {
            guard position - keys.count < places.count else { return nil }
            position = Int(places[position - keys.count])
            guard position >= 0 else { return nil }
        }
        return extents[position]
    }

    /// The endpoints of a backend, valid while the table lives; empty for a number that is none.
    package func endpoints(_ backend: Int32) -> UnsafeBufferPointer<Endpoint> {
        guard let extent = extent(backend) else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(rebasing: all[Int(extent.start)..<Int(extent.start + extent.count)])
    }

    /// Whether a backend is a Service of the cluster (else a host outside of it, or no backend at all).
    package func isService(_ backend: Int32) -> Bool { extent(backend)?.isService ?? (entry(backend) != nil) }

    /// Endpoints are read only of the Services that are in use.
    package var isLazy: Bool { usage != nil }

    /// Whether a backend's endpoints are all that there are; false: they have to be asked for first.
    package func isKnown(_ backend: Int32) -> Bool {
        extent(backend)?.isKnown ?? (entry(backend) == nil)
    }

    /// Notes that a backend is in use. Nothing in a table that is not lazy.
    package func use(_ backend: Int32) { usage?.note(backend) }

    /// The Services used since the last call.
    package func takeUsed() -> Set<ObjectKey> {
        Set((usage?.take() ?? []).compactMap { service(of: Int32($0)) })
    }

    /// The Service behind a backend; nil for a host outside of the cluster.
    package func service(of backend: Int32) -> ObjectKey? {
        guard case .service(let service, _) = key(backend) else { return nil }
        return service
    }

    /// What a backend is; nil for a number that is none.
    package func key(_ backend: Int32) -> EndpointKey? {
        if let entry = entry(backend) { return catalog?.key(entry) }
        return backend >= 0 && Int(backend) < keys.count ? keys[Int(backend)] : nil
    }

    /// Every backend, each once: a Service that routes name may have a number of its own beside that of the catalog.
    package var distinctBackends: [Int32] {
        (0..<backendCount).filter { Int($0) >= keys.count || catalog?.entry(keys[Int($0)]) == nil }
    }

    /// The number of another table's backend in this one.
    package func position(of backend: Int32, in other: EndpointTable) -> Int32? {
        guard let key = other.key(backend) else { return nil }
        if self.key(backend) == key { return backend }
        if let position = position(of: key) { return position }
        return catalog?.entry(key).map { Int32(keys.count) + $0 }
    }

    /// The number of a backend of the plan.
    private func position(of key: EndpointKey) -> Int32? {
        let mask = keySlots.count - 1
        var at = key.hashValue & mask
        while keySlots[at] >= 0 {
            if keys[Int(keySlots[at])] == key { return keySlots[at] }
            at = (at + 1) & mask
        }
        return nil
    }

    /// A Service's ClusterIP and port, behind which the cluster itself spreads connections.
    package func frontend(of backend: Int32) -> (address: IPAddress, port: UInt16)? {
        guard let frontend = extent(backend)?.frontend else {
            return entry(backend).flatMap { entry in
                catalog?.address(entry).flatMap { address in catalog.map { (address, $0.port(entry)) } }
            }
        }
        guard frontend.port > 0 else { return nil }
        return (IPAddress(high: frontend.high, low: frontend.low, isIPv6: frontend.isIPv6), frontend.port)
    }

    /// The number of the endpoint at an address and port; nil when no backend has it.
    package func endpoint(_ address: IPAddress, port: UInt16) -> Int32? {
        let mask = slots.count - 1
        var at = EndpointTable.hash(high: address.high, low: address.low, port: port) & mask
        while slots[at] >= 0 {
            let found = all[Int(slots[at])]
            if found.low == address.low && found.high == address.high && found.port == port
                && found.isIPv6 == address.isIPv6
            {
                return found.id
            }
            at = (at + 1) & mask
        }
        return nil
    }

    package func contains(_ address: IPAddress, port: UInt16) -> Bool { endpoint(address, port: port) != nil }

    private static func copy<Element: BitwiseCopyable>(_ array: [Element]) -> UnsafeMutableBufferPointer<Element> {
        let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: array.count)
        _ = buffer.initialize(from: array)
        return buffer
    }

    private static func index(_ endpoints: [Endpoint]) -> UnsafeMutableBufferPointer<Int32> {
        var capacity = 8
        while capacity < endpoints.count * 2 { capacity *= 2 }
        let slots = UnsafeMutableBufferPointer<Int32>.allocate(capacity: capacity)
        slots.initialize(repeating: -1)
        for (position, endpoint) in endpoints.enumerated() {
            var at = hash(high: endpoint.high, low: endpoint.low, port: endpoint.port) & (capacity - 1)
            // The same endpoint behind a second backend needs no second entry.
            while slots[at] >= 0, endpoints[Int(slots[at])].id != endpoint.id { at = (at + 1) & (capacity - 1) }
            if slots[at] < 0 { slots[at] = Int32(position) }
        }
        return slots
    }

    private static func index(_ keys: [EndpointKey]) -> UnsafeMutableBufferPointer<Int32> {
        var capacity = 8
        while capacity < keys.count * 2 { capacity *= 2 }
        let slots = UnsafeMutableBufferPointer<Int32>.allocate(capacity: capacity)
        slots.initialize(repeating: -1)
        for (position, key) in keys.enumerated() {
            var at = key.hashValue & (capacity - 1)
            // Of equal keys the first counts.
            while slots[at] >= 0, keys[Int(slots[at])] != key { at = (at + 1) & (capacity - 1) }
            if slots[at] < 0 { slots[at] = Int32(position) }
        }
        return slots
    }

    private static func hash(high: UInt64, low: UInt64, port: UInt16) -> Int {
        var mixed = (high ^ (low &* 0x9e37_79b9_7f4a_7c15)) ^ UInt64(port)
        mixed = (mixed ^ (mixed >> 32)) &* 0xd6e8_feb8_6659_fd93
        mixed = (mixed ^ (mixed >> 32)) &* 0xd6e8_feb8_6659_fd93
        return Int(truncatingIfNeeded: (mixed ^ (mixed >> 32)) & 0x7fff_ffff)
    }
}
