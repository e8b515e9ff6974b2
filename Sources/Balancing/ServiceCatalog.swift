package import GatewayAPI

/// The Services of a cluster by number, in the order of their keys: as backends they follow those that routes name.
/// Nearly all of them are called by nobody here, so that a table keeps no more of them than a number each.
package protocol ServiceCatalog: AnyObject, Sendable {
    /// Service ports.
    var count: Int32 { get }
    func service(_ entry: Int32) -> ObjectKey
    func port(_ entry: Int32) -> UInt16
    /// The Service's first ClusterIP; nil when it has none.
    func address(_ entry: Int32) -> IPAddress?
    /// The entries of one Service, a port each.
    func entries(of service: ObjectKey) -> Range<Int32>
    /// The entries of all Services of a namespace.
    func entries(in namespace: String) -> Range<Int32>
}

extension ServiceCatalog {
    func key(_ entry: Int32) -> EndpointKey { .service(service(entry), port: port(entry)) }

    /// The number of a key; nil when it is no Service of the catalog.
    func entry(_ key: EndpointKey) -> Int32? {
        guard case .service(let service, let port) = key else { return nil }
        return entries(of: service).first { self.port($0) == port }
    }

    /// The entries whose endpoints are known.
    func entries(in coverage: EndpointCoverage) -> Set<Int32> {
        guard !coverage.isEverything else { return Set(0..<count) }
        var known: Set<Int32> = []
        for namespace in coverage.namespaces { known.formUnion(entries(in: namespace)) }
        for service in coverage.services { known.formUnion(entries(of: service)) }
        return known
    }
}
