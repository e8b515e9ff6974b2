package import GatewayAPI

extension EndpointTable {
    /// Lays out the endpoints of all `backends`, and of those Services of the catalog whose endpoints are known.
    /// `addresses` gives what a host name resolves to (empty: not known).
    ///
    /// - Parameter coverage: of which Services the EndpointSlices have been read; nil when all always are.
    /// - Parameter screen: which addresses Backends may lead to; nil is any.
    package convenience init(
        backends: [EndpointKey], catalog: (any ServiceCatalog)? = nil, resources: ResourceSet,
        registry: EndpointRegistry, coverage: EndpointCoverage? = nil, screen: BackendScreen? = nil,
        addresses: (String) -> [IPAddress]
    ) {
        let known = catalog?.entries(in: coverage ?? EndpointCoverage(isEverything: true)) ?? []
        var wanted: Set<ObjectKey> = []
        for case .service(let service, _) in backends { wanted.insert(service) }
        if let catalog { wanted.formUnion(known.map(catalog.service)) }
        let source = EndpointSource(resources, services: wanted, screen: screen, backends: backends)
        self.init(keys: backends, catalog: catalog, known: known, registry: registry, isLazy: coverage != nil) {
            .located(source.locations($1, addresses: addresses), source.place(of: $1, coverage))
        }
    }

    /// The next table: the endpoints of `services` and of all Backends are looked up anew, those of other Services are
    /// copied.
    package func updating(
        services: Set<ObjectKey>, resources: ResourceSet, registry: EndpointRegistry,
        coverage: EndpointCoverage? = nil, screen: BackendScreen? = nil, addresses: (String) -> [IPAddress]
    ) -> EndpointTable {
        let source = EndpointSource(resources, services: services, screen: screen, backends: keys)
        return EndpointTable(
            keys: keys, catalog: catalog, known: known(after: services, coverage), registry: registry,
            isLazy: coverage != nil
        ) { backend, key in
            if case .service(let service, _) = key, !services.contains(service), let extent = extent(backend) {
                return .copied(endpoints(backend), extent)
            }
            return .located(source.locations(key, addresses: addresses), source.place(of: key, coverage))
        }
    }

    /// The entries of the catalog that are known when it has been looked anew at some Services.
    private func known(after services: Set<ObjectKey>, _ coverage: EndpointCoverage?) -> Set<Int32> {
        guard let catalog else { return [] }
        var known = Set((0..<catalog.count).filter { extent(Int32(keys.count) + $0) != nil })
        for service in services {
            let entries = catalog.entries(of: service)
            if coverage?.covers(service) ?? true { known.formUnion(entries) } else { known.subtract(entries) }
        }
        return known
    }

    /// One backend's endpoints, and how it stands (its extent, but for where the endpoints lie).
    private enum Part {
        case copied(UnsafeBufferPointer<Endpoint>, Extent)
        case located([EndpointSelection.Location], Extent)
    }

    /// - Parameter part: what there is of a backend, by number and key.
    private convenience init(
        keys: [EndpointKey], catalog: (any ServiceCatalog)?, known: Set<Int32>, registry: EndpointRegistry,
        isLazy: Bool, part: (Int32, EndpointKey) -> Part
    ) {
        let sequence = registry.begin()
        let known = known.sorted()
        var extents: [Extent] = []
        var all: [Endpoint] = []
        extents.reserveCapacity(keys.count + known.count)
        func add(_ backend: Int32, _ key: EndpointKey) {
            let start = Int32(all.count)
            var extent: Extent
            switch part(backend, key) {
            case .copied(let endpoints, let copied):
                extent = copied
                all.append(contentsOf: endpoints)
            case .located(let locations, let found):
                extent = found
                for location in locations {
                    guard let (id, generation) = registry.id(location) else { continue }
                    all.append(Endpoint(id: id, generation: generation, location))
                }
            }
            extent.start = start
            extent.count = Int32(all.count) - start
            extents.append(extent)
        }
        for (position, key) in keys.enumerated() { add(Int32(position), key) }
        if let catalog {
            for entry in known { add(Int32(keys.count) + entry, catalog.key(entry)) }
        }
        registry.end(sequence, used: all.lazy.map(\.id))
        self.init(
            keys: keys, catalog: catalog, known: known, extents: extents, endpoints: all, sequence: sequence,
            registry: registry, isLazy: isLazy)
    }
}

extension EndpointTable.Endpoint {
    fileprivate init(id: Int32, generation: UInt32, _ location: EndpointSelection.Location) {
        self.init(
            id: id, generation: generation, port: location.port, isIPv6: location.address.isIPv6,
            high: location.address.high, low: location.address.low)
    }
}

/// The resources as endpoints are looked up in them.
private struct EndpointSource {
    private let resources: ResourceSet
    private var slices: [ObjectKey: [EndpointSlice]] = [:]
    private let screen: BackendScreen?
    /// Addresses of endpoints, to which no Backend leads.
    private let endpoints: Set<IPAddress>

    /// Slices of other Services than `services` are passed over.
    init(_ resources: ResourceSet, services: Set<ObjectKey>, screen: BackendScreen?, backends: [EndpointKey]) {
        self.resources = resources
        self.screen = screen
        endpoints = screen != nil && backends.contains(where: \.isBackend) ? resources.endpointAddresses : []
        for (key, slice) in resources.endpointSlices {
            guard let name = slice.serviceName else { continue }
            let service = ObjectKey(namespace: key.namespace, name: name)
            if services.contains(service) { slices[service, default: []].append(slice) }
        }
        // Order decides nothing but should not change from run to run.
        for service in slices.keys { slices[service]?.sort { $0.metadata.key < $1.metadata.key } }
    }

    func locations(_ key: EndpointKey, addresses: (String) -> [IPAddress]) -> [EndpointSelection.Location] {
        switch key {
        case .service(let service, let port):
            guard let found = resources.services[service] else { return [] }
            return EndpointSelection.locations(of: found, port: port, slices: slices[service] ?? [])
        case .backend(let backend):
            guard let found = resources.backends[backend], found.defect == nil else { return [] }
            return locations(found.hosts, addresses: addresses)
        }
    }

    /// How a backend stands, before its endpoints are laid out.
    func place(of key: EndpointKey, _ coverage: EndpointCoverage?) -> EndpointTable.Extent {
        guard case .service(let service, let port) = key else {
            return EndpointTable.Extent(start: 0, count: 0, isService: false)
        }
        var extent = EndpointTable.Extent(start: 0, count: 0, isService: true)
        extent.isKnown = coverage?.covers(service) ?? true
        if let address = resources.services[service]?.clusterIPs.first {
            extent.frontend = EndpointTable.Frontend(
                high: address.high, low: address.low, port: port, isIPv6: address.isIPv6)
        }
        return extent
    }

    /// Every address of every host, each once.
    private func locations(_ hosts: [Backend.Host], addresses: (String) -> [IPAddress]) -> [EndpointSelection.Location]
    {
        var seen: Set<EndpointSelection.Location> = []
        return hosts.flatMap { host in
            let resolved = IPAddress(host.host).map { [$0] } ?? addresses(host.host)
            return resolved.filter { screen?.admits($0, endpoints: endpoints) ?? true }.map {
                EndpointSelection.Location(address: $0, port: host.port)
            }
        }.filter { $0.port > 0 && !$0.address.isUnspecified && seen.insert($0).inserted }
    }
}
