import Balancing
import GatewayAPI
import Testing

@Suite("Endpoint tables")
struct EndpointTableTests {
    typealias Fixture = BalancingFixture

    private static let other = ObjectKey(namespace: "ns", name: "other")

    private func resources(_ last: Range<UInt32>, other: Range<UInt32> = 100..<103) -> ResourceSet {
        var resources = Fixture.resources([Fixture.slice("s", last.map { Fixture.endpoint(Fixture.address($0)) })])
        resources.services[Self.other] = Service(metadata: ObjectMeta(key: Self.other), ports: [.init(port: 80)])
        let slice = Fixture.slice("o", of: Self.other, other.map { Fixture.endpoint(Fixture.address($0)) })
        resources.endpointSlices[slice.metadata.key] = slice
        return resources
    }

    private let keys: [EndpointKey] = [.service(Fixture.service, port: 80), .service(other, port: 80)]

    private func ids(_ table: EndpointTable, _ backend: Int32 = 0) -> [Int32] { table.endpoints(backend).map(\.id) }

    @Test("A backend is found by its key among any number; of equal keys the first counts")
    func numbers() {
        let many = (0..<100).map { EndpointKey.service(ObjectKey(namespace: "ns", name: "s\($0)"), port: 80) }
        let first = Fixture.table(resources(1..<2), keys: many)
        let next = Fixture.table(resources(1..<2), keys: [many[7]] + many.reversed())
        for backend in 0..<100 as Range<Int32> {
            #expect(next.position(of: backend, in: first) == (backend == 7 ? 0 : 100 - backend))
        }
        #expect(first.position(of: 0, in: Fixture.table(resources(1..<2), keys: keys)) == nil)
    }

    @Test("An update changes the Services named and nothing else")
    func update() {
        let registry = EndpointRegistry()
        let first = Fixture.table(resources(1..<4), keys: keys, registry: registry)
        let next = first.updating(
            services: [Fixture.service], resources: resources(2..<6, other: 0..<0), registry: registry,
            addresses: { _ in [] })
        #expect(Fixture.texts(next) == ["10.0.0.2:8080", "10.0.0.3:8080", "10.0.0.4:8080", "10.0.0.5:8080"])
        #expect(Fixture.texts(next, 1) == Fixture.texts(first, 1))
        #expect(ids(next).prefix(2) == ids(first).suffix(2))
        #expect(ids(next, 1) == ids(first, 1))
        #expect(Fixture.texts(first).count == 3)
        #expect(next.contains(Fixture.address(5), port: 8080) && !next.contains(Fixture.address(1), port: 8080))
        #expect(!next.contains(Fixture.address(5), port: 80))
        #expect(next.endpoint(Fixture.address(100), port: 8080) == ids(next, 1).first)
        #expect(next.endpoints(7).isEmpty && next.endpoints(-1).isEmpty)
    }

    @Test("A number is given away only when every table that knew it is gone, and then with another generation")
    func reuse() throws {
        let registry = EndpointRegistry()
        func build(_ last: UInt32) -> EndpointTable {
            Fixture.table(resources(last..<last + 1), keys: keys, registry: registry)
        }
        func endpoint(_ table: EndpointTable) -> EndpointTable.Endpoint? { table.endpoints(0).first }
        var holder = [build(1)]
        let old = try #require(endpoint(holder[0]))
        let tables = [build(2), build(3)]
        #expect(tables.allSatisfy { !ids($0).contains(old.id) })
        holder.removeAll()
        let next = build(9)
        #expect(endpoint(next)?.id == old.id)
        #expect(endpoint(next)?.generation != old.generation)
        #expect(ids(tables[0]) != ids(next))
    }

    @Test("An endpoint that comes back while its number is still held keeps it")
    func flapping() {
        let registry = EndpointRegistry()
        let first = Fixture.table(resources(1..<3), keys: keys, registry: registry)
        let without = Fixture.table(resources(1..<2), keys: keys, registry: registry)
        let again = Fixture.table(resources(1..<3), keys: keys, registry: registry)
        #expect(ids(again) == ids(first))
        #expect(again.endpoints(0).map(\.generation) == first.endpoints(0).map(\.generation))
        #expect(ids(without) == [ids(first)[0]])
    }

    @Test("Numbers stay bounded by the endpoints there are, however often they change")
    func bounded() {
        let registry = EndpointRegistry()
        var table = Fixture.table(resources(0..<10), keys: keys, registry: registry)
        for round in 1..<200 as Range<UInt32> {
            table = Fixture.table(resources(round * 1_000..<round * 1_000 + 10), keys: keys, registry: registry)
        }
        #expect(registry.capacity <= 40)
        #expect(table.idCapacity == registry.capacity && ids(table).allSatisfy { $0 < table.idCapacity })
    }

    @Test("50,000 endpoints: an update finds, keeps and indexes them all")
    func large() {
        var resources = ResourceSet()
        var keys: [EndpointKey] = []
        for service in 0..<500 as Range<UInt32> {
            let key = ObjectKey(namespace: "ns", name: "s\(service)")
            resources.services[key] = Service(metadata: ObjectMeta(key: key), ports: [.init(port: 80)])
            let slice = Fixture.slice(
                "s\(service)", of: key, (0..<100).map { Fixture.endpoint(Fixture.address(service * 100 + $0 + 1)) })
            resources.endpointSlices[slice.metadata.key] = slice
            keys.append(.service(key, port: 80))
        }
        let registry = EndpointRegistry()
        let table = Fixture.table(resources, keys: keys, registry: registry)
        let next = table.updating(
            services: [ObjectKey(namespace: "ns", name: "s7")], resources: resources, registry: registry,
            addresses: { _ in [] })
        #expect(next.endpointCount == 50_000 && next.idCapacity == 50_000)
        for backend in 0..<500 as Range<Int32> {
            #expect(ids(next, backend) == ids(table, backend))
            let missing = next.endpoints(backend).filter { next.endpoint($0.address, port: $0.port) != $0.id }
            #expect(missing.isEmpty)
        }
    }
}
