import CAllocationCount
import GatewayAPI
import Reactor
import Testing

@testable import Routing

/// Services without routes: what a table finds of them is what it would find if the plan had them.
@Suite struct ServiceDirectoryTests {
    private func service(
        _ key: ObjectKey, address: UInt32?, ports: [Service.Port] = [.init(name: "http", port: 80)],
        annotations: [String: String] = [:]
    ) -> Service {
        Service(
            metadata: ObjectMeta(key: key, annotations: annotations),
            clusterIPs: address.map { [IPAddress(ipv4: $0)] } ?? [], ports: ports)
    }

    /// Namespaces and names that begin alike, ports of every protocol, one and two addresses, and what is no frontend.
    private func services() -> ServiceTable {
        let ports: [Service.Port] = [
            .init(name: "http", port: 80), .init(name: "tcp-db", port: 5432),
            .init(name: "dns", port: 53, transport: "UDP"),
            .init(name: "x", port: 8080),
        ]
        var all: [Service] = []
        for (number, namespace) in ["a", "a-b", "ab", "b", "team.x"].enumerated() {
            for (position, name) in ["a", "a-b", "ab", "z"].enumerated() {
                let key = ObjectKey(namespace: namespace, name: name)
                all.append(service(key, address: UInt32(0x0a60_0000 + number * 100 + position), ports: ports))
            }
        }
        all[3].clusterIPs.append(IPAddress(high: 0xfd00 << 48, low: 7, isIPv6: true))
        all[5].clusterIPs = []
        all[6].isHeadless = true
        all[7].type = "ExternalName"
        return table(all)
    }

    private func table(_ services: [Service]) -> ServiceTable {
        var table = ServiceTable()
        for service in services { table[service.metadata.key] = service }
        return table
    }

    private func resources(_ services: ServiceTable) -> ResourceSet {
        var resources = ResourceSet()
        resources.services = services
        return resources
    }

    private static let scope = PlanScope.sidecar(pod: ObjectKey(namespace: "a", name: "pod"), addresses: [])

    /// Everything a door asks of a frontend, in words.
    private func facts(_ table: RouteTable, _ address: IPAddress, _ port: UInt16) -> String {
        let index = table.service(address: address, port: port)
        guard index >= 0 else { return "none" }
        let frontend = table.frontend(index)
        let name = String(decoding: table.frontendName(index), as: UTF8.self)
        let told = String(decoding: table.routedFrontend(index), as: UTF8.self)
        return "\(name) \(told)\(frontend.kind) \(frontend.isRouted) \(frontend.appProtocol) \(frontend.port)"
    }

    @Test func aTableFindsWhatItWouldFindInThePlan() {
        let resources = resources(services())
        let planned = RouteTable(plan: RoutePlanner.plan(resources: resources, scope: Self.scope))
        let directory = ServiceDirectory(resources.services)
        let plan = RoutePlanner.plan(resources: resources, scope: Self.scope, directory: directory)
        #expect(plan.services.isEmpty && plan.backends.isEmpty)
        let table = RouteTable(plan: plan, services: directory)
        for service in resources.services.values {
            for address in service.clusterIPs + [IPAddress(ipv4: 1)] {
                for port in [80, 53, 5432, 8080, 81] as [UInt16] {
                    #expect(facts(table, address, port) == facts(planned, address, port))
                }
            }
            for port in [80, 53, 8080] as [UInt16] {
                let key = service.metadata.key
                #expect(
                    (table.service(key, port: port) < 0) == (planned.service(key, port: port) < 0), "\(key) \(port)")
            }
        }
    }

    /// What a connection's or a request's path asks of it.
    @Test func findingAServiceAllocatesNothing() throws {
        let resources = resources(services())
        let directory = ServiceDirectory(resources.services)
        let plan = RoutePlanner.plan(resources: resources, scope: Self.scope, directory: directory)
        let table = RouteTable(plan: plan, services: directory)
        let wanted = resources.services.values.flatMap(\.clusterIPs).flatMap { address in
            ([79, 80, 81] as [UInt16]).map { (address: address, port: $0) }
        }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 1)
        defer { room.deallocate() }
        func findAll() -> Int {
            var found = 0
            for position in 0..<wanted.count {
                let index = table.service(address: wanted[position].address, port: wanted[position].port)
                guard index >= 0 else { continue }
                let isWhole = table.frontend(index).port == 80 && table.routedFrontend(index).count > 0
                let isNamed = table.frontendName(index).count > 0
                if isWhole, isNamed, table.writeRoutedHeader(-1, frontend: index, into: room) > 0 { found += 1 }
            }
            return found
        }
        #expect(plan.services.isEmpty, "all are the directory's")
        let expected = resources.services.values.filter(\.isFrontend).reduce(0) { $0 + $1.clusterIPs.count }
        // What the runtime makes once for each type it meets.
        _ = findAll()
        let before = weir_allocation_count()
        let found = findAll()
        let after = weir_allocation_count()
        #expect(found == expected && found > 10)
        #expect(after == before)
    }

    @Test func aServiceWithRoutesIsThePlansOwn() throws {
        let key = ObjectKey(namespace: "a", name: "ab")
        var resources = resources(services())
        let route = ObjectKey(namespace: "a", name: "r")
        resources.httpRoutes[route] = HTTPRoute(
            metadata: ObjectMeta(key: route),
            parentRefs: [ParentReference(group: "", kind: "Service", name: "ab", port: 80)], hostnames: [],
            rules: [HTTPRouteRule(backendRefs: [BackendReference(name: "z", port: 80)])])
        let directory = ServiceDirectory(resources.services)
        let plan = RoutePlanner.plan(resources: resources, scope: Self.scope, directory: directory)
        #expect(plan.services.map(\.service) == [key] && plan.services[0].isRouted)
        let table = RouteTable(plan: plan, services: directory)
        let address = try #require(resources.services[key]?.clusterIPs.first)
        #expect(table.frontend(table.service(address: address, port: 80)).isRouted)
        let other = table.frontend(table.service(address: address, port: 8080))
        #expect(!other.isRouted && other.backend >= plan.backends.count, "another port of it has none")
    }

    @Test func namesLeadToEntries() throws {
        let services = services()
        let directory = ServiceDirectory(services)
        for service in services.values {
            let key = service.metadata.key
            let ports = service.isFrontend ? service.ports.filter(\.isTCP).map(\.port) : []
            let entries = directory.entries(of: key)
            #expect(entries.map(directory.port) == ports && entries.allSatisfy { directory.service($0) == key })
            #expect(entries.allSatisfy { directory.address($0) == service.clusterIPs.first })
        }
        for namespace in ["a", "a-b", "b", "team.x", "", "zz"] {
            let names = Set(directory.entries(in: namespace).map { directory.service($0).name })
            #expect(
                names
                    == Set(
                        services.values.filter { $0.metadata.key.namespace == namespace && $0.isFrontend }.map(
                            \.metadata.key.name)))
        }
        #expect(directory.entries(of: ObjectKey(namespace: "a", name: "none")).isEmpty)
        #expect(directory.entry(of: ObjectKey(namespace: "a", name: "a"), port: 81) == -1)
    }

    /// Changes one after the other give what laying everything out anew gives.
    @Test func changesLeadToTheSameDirectory() {
        var services = services()
        var directory = ServiceDirectory(services)
        var random = SplitMix64(seed: 1)
        for round in 0..<200 as Range<UInt32> {
            var changed: Set<ObjectKey> = []
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let key = ObjectKey(
                    namespace: ["a", "a-b", "c"].randomElement(using: &random) ?? "a",
                    name: ["a", "a-b", "m", "z", "zz"].randomElement(using: &random) ?? "a")
                changed.insert(key)
                services[key] =
                    Bool.random(using: &random)
                    ? nil
                    : service(
                        key, address: Bool.random(using: &random) ? 0x0b00_0000 + round : nil,
                        ports: (0...Int.random(in: 0..<3, using: &random)).map { .init(port: 80 + UInt16($0)) })
            }
            directory = directory.updating(changed, in: services)
            #expect(lines(directory) == lines(ServiceDirectory(services)))
        }
    }

    private func lines(_ directory: ServiceDirectory) -> [String] {
        (0..<directory.count).map { entry in
            let addresses = directory.addressRange(entry..<entry + 1).map { directory.addresses[$0] }
            let found = addresses.map { directory.find($0, hash: $0.hash(seed: directory.hashSeed)) }
            return "\(String(decoding: directory.name(entry), as: UTF8.self)) \(directory.port(entry)) "
                + "\(directory.entries[entry].appProtocol) \(addresses.map(\.address)) \(found)"
        }
    }

    @Test func ofServicesWithOneAddressTheFirstByNameIsFound() {
        let keys = ["b", "a", "c"].map { ObjectKey(namespace: "ns", name: $0) }
        let directory = ServiceDirectory(table(keys.map { service($0, address: 9) }))
        let wanted = ServiceAddress(IPAddress(ipv4: 9), port: 80, frontend: -1)
        #expect(directory.service(directory.find(wanted, hash: wanted.hash(seed: directory.hashSeed))).name == "a")
    }

    @Test func whatIsWrongWithServicesIsReportedWithAndWithoutRoutes() {
        let key = ObjectKey(namespace: "a", name: "a")
        let wrong = service(key, address: 1, annotations: ["weir.dev/route-enforcement": "sometimes"])
        let resources = resources(table([wrong]))
        let directory = ServiceDirectory(resources.services)
        let plan = RoutePlanner.plan(resources: resources, scope: Self.scope, directory: directory)
        #expect(plan.problems == RoutePlanner.plan(resources: resources, scope: Self.scope).problems)
        #expect(plan.problems.map(\.object) == ["Service a/a"])
        var right = resources
        right.services[key]?.metadata.annotations = [:]
        let corrected = directory.updating([key], in: right.services)
        #expect(RoutePlanner.plan(resources: right, scope: Self.scope, directory: corrected).problems.isEmpty)
    }
}
