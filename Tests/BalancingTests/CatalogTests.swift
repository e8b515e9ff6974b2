import Balancing
import GatewayAPI
import Testing

/// Services that no route names: numbers behind the plan's backends, with endpoints once those are known.
@Suite struct CatalogTests {
    typealias Fixture = BalancingFixture

    /// Services in order of their keys, port 80 each.
    private final class Catalog: ServiceCatalog {
        private let services: [ObjectKey]

        init(_ services: [ObjectKey]) { self.services = services.sorted() }

        var count: Int32 { Int32(services.count) }
        func service(_ entry: Int32) -> ObjectKey { services[Int(entry)] }
        func port(_ entry: Int32) -> UInt16 { 80 }
        func address(_ entry: Int32) -> IPAddress? { IPAddress(ipv4: 0x0a60_0000 + UInt32(entry)) }
        func entries(of service: ObjectKey) -> Range<Int32> { entries { $0 == service } }
        func entries(in namespace: String) -> Range<Int32> { entries { $0.namespace == namespace } }

        private func entries(_ isIncluded: (ObjectKey) -> Bool) -> Range<Int32> {
            let first = Int32(services.firstIndex(where: isIncluded) ?? 0)
            return first..<first + Int32(services.count(where: isIncluded))
        }
    }

    private static let services = (0..<6).map { ObjectKey(namespace: $0 < 3 ? "a" : "b", name: "s\($0)") }
    /// What a route names: a Service of the catalog, and one that does not exist.
    private static let keys: [EndpointKey] = [
        .service(services[1], port: 80), .service(ObjectKey(namespace: "a", name: "none"), port: 80),
    ]
    private let registry = EndpointRegistry()
    private let catalog = Catalog(services)

    private func resources(_ generation: UInt32 = 0) -> ResourceSet {
        var resources = ResourceSet()
        for (number, service) in Self.services.enumerated() {
            resources.services[service] = Service(
                metadata: ObjectMeta(key: service), clusterIPs: [IPAddress(ipv4: 0x0a60_0000 + UInt32(number))],
                ports: [.init(port: 80)])
            let slice = Fixture.slice(
                "s\(number)", of: service, [Fixture.endpoint(Fixture.address(UInt32(number) + 1 + 100 * generation))])
            resources.endpointSlices[slice.metadata.key] = slice
        }
        return resources
    }

    private func table(_ coverage: EndpointCoverage?) -> EndpointTable {
        EndpointTable(
            backends: Self.keys, catalog: catalog, resources: resources(), registry: registry, coverage: coverage,
            addresses: { _ in [] })
    }

    /// By backend: its endpoints, or that they are not known.
    private func lines(_ table: EndpointTable) -> [String] {
        (0..<table.backendCount).map { table.isKnown($0) ? Fixture.texts(table, $0).joined(separator: ",") : "unknown" }
    }

    private static let coverages: [(EndpointCoverage?, [Int])] = [
        (nil, [0, 1, 2, 3, 4, 5]), (EndpointCoverage(), []), (EndpointCoverage(namespaces: ["b", "c"]), [3, 4, 5]),
        (EndpointCoverage(namespaces: ["a"], services: [services[4]]), [0, 1, 2, 4]),
        (EndpointCoverage(isEverything: true), [0, 1, 2, 3, 4, 5]),
    ]

    @Test(arguments: coverages) func whatHasBeenReadIsKnown(_ coverage: EndpointCoverage?, _ known: [Int]) {
        let table = table(coverage)
        let named = known.contains(1) ? "10.0.0.2:8080" : "unknown"
        let unnamed = coverage?.covers(ObjectKey(namespace: "a", name: "none")) ?? true ? "" : "unknown"
        #expect(
            lines(table) == [named, unnamed] + (0..<6).map { known.contains($0) ? "10.0.0.\($0 + 1):8080" : "unknown" })
        #expect(table.isLazy == (coverage != nil))
    }

    @Test func whatIsNotKnownIsStillASomething() throws {
        let table = table(EndpointCoverage())
        for (number, service) in Self.services.enumerated() {
            let backend = Int32(Self.keys.count + number)
            #expect(table.isService(backend) && table.service(of: backend) == service)
            let frontend = try #require(table.frontend(of: backend))
            #expect(frontend.address == IPAddress(ipv4: 0x0a60_0000 + UInt32(number)) && frontend.port == 80)
        }
        for none in [-1, table.backendCount] as [Int32] {
            #expect(table.isKnown(none) && !table.isService(none) && table.service(of: none) == nil)
            #expect(table.frontend(of: none) == nil && table.endpoints(none).isEmpty && table.key(none) == nil)
        }
        table.use(table.backendCount - 1)
        table.use(0)
        #expect(table.takeUsed() == [Self.services[5], Self.services[1]] && table.takeUsed().isEmpty)
    }

    @Test func anUpdateTakesInWhatHasBecomeKnown() {
        let first = table(EndpointCoverage(services: [Self.services[0]]))
        let coverage = EndpointCoverage(services: [Self.services[0], Self.services[1], Self.services[5]])
        let next = first.updating(
            services: [Self.services[1], Self.services[5]], resources: resources(1), registry: registry,
            coverage: coverage, addresses: { _ in [] })
        let expected = ["10.0.0.102:8080", "unknown", "10.0.0.1:8080", "10.0.0.102:8080"]
        #expect(lines(next) == expected + ["unknown", "unknown", "unknown", "10.0.0.106:8080"])
        #expect(next.endpoints(2).first?.id == first.endpoints(2).first?.id)
        let last = next.updating(
            services: [Self.services[0]], resources: resources(1), registry: registry,
            coverage: EndpointCoverage(services: [Self.services[1], Self.services[5]]), addresses: { _ in [] })
        #expect(!last.isKnown(2) && last.endpoints(2).isEmpty && lines(last).dropFirst(3) == lines(next).dropFirst(3))
    }

    @Test func aBackendIsFoundInTheNextTable() {
        let table = table(EndpointCoverage())
        let later = EndpointTable(
            backends: [.service(Self.services[4], port: 80)], catalog: Catalog(Array(Self.services.dropFirst(2))),
            resources: resources(), registry: registry, addresses: { _ in [] })
        #expect(later.position(of: 0, in: table) == nil, "gone, and so is")
        #expect(later.position(of: 2, in: table) == nil)
        #expect(later.position(of: 6, in: table) == 0, "a route names it now")
        #expect(later.position(of: 7, in: table).flatMap(later.key) == .service(Self.services[5], port: 80))
        #expect(table.position(of: 0, in: later) == 6 && table.position(of: 4, in: table) == 4)
        #expect(table.distinctBackends == [1, 2, 3, 4, 5, 6, 7], "the first is the Service that has number 3 as well")
    }
}
