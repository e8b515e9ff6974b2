import Testing

@testable import GatewayAPI

/// A `ServiceTable` is a dictionary of Services that takes little room.
@Suite struct ServiceTableTests {
    private func key(_ name: String, in namespace: String = "shop") -> ObjectKey {
        ObjectKey(namespace: namespace, name: name)
    }

    private func service(_ key: ObjectKey, port: UInt16 = 80, selector: [String: String] = [:]) -> Service {
        Service(
            metadata: ObjectMeta(key: key), clusterIPs: [IPAddress(ipv4: 0x0a60_0001)],
            ports: [Service.Port(name: "http", port: port)], selector: selector)
    }

    @Test func whatIsPutComesBackWhole() {
        let name = "a-name-that-is-longer-than-a-small-string-\(String(repeating: "x", count: 200))"
        let whole = Service(
            metadata: ObjectMeta(
                key: key(name, in: "team.of-many-words"), labels: ["weir.dev/a": "b"],
                annotations: ["weir.dev/route-enforcement": "off"], creationTimestamp: 1_700_000_000, generation: 7),
            type: "LoadBalancer",
            clusterIPs: [
                IPAddress(ipv4: .max), IPAddress(high: 0xfd00 << 48, low: .max, isIPv6: true), IPAddress(ipv4: 0),
            ], isHeadless: true,
            ports: [
                .init(name: "http", port: .max, appProtocol: "kubernetes.io/h2c"), .init(port: 53, transport: "UDP"),
            ], publishNotReadyAddresses: true, selector: ["app": "shop", "tier": "", "release": name])
        var old = whole
        old.metadata.key = key("old")
        old.metadata.creationTimestamp = -1
        let bare = Service(metadata: ObjectMeta(key: key("bare", in: "")), ports: [])
        var table = ServiceTable()
        for service in [whole, old, bare] { table[service.metadata.key] = service }
        for service in [whole, old, bare] { #expect(table[service.metadata.key] == service) }
        #expect(table.count == 3 && table[key("none")] == nil)
    }

    /// A long life of puts and removals, beside a dictionary's.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func isWhatADictionaryIs(seed: UInt64) {
        var state = seed
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var (table, dictionary): (ServiceTable, [ObjectKey: Service]) = (ServiceTable(), [:])
        for _ in 0..<4_000 {
            let key = key("s\(random(60))", in: ["a", "a-b", "ab"][Int(random(3))])
            let new =
                random(3) == 0
                ? nil
                : service(key, port: UInt16(random(500)), selector: random(2) == 0 ? ["app": "\(random(9))"] : [:])
            table[key] = new
            dictionary[key] = new
            #expect(table[key] == new)
        }
        #expect(Array(table.keys) == dictionary.keys.sorted() && table.count == dictionary.count)
        #expect(table.values.allSatisfy { dictionary[$0.metadata.key] == $0 })
        for key in dictionary.keys { table[key] = nil }
        #expect(table.isEmpty && Array(table.values).isEmpty)
    }

    @Test func aCopyStaysAsItWas() {
        var table = ServiceTable()
        table[key("a")] = service(key("a"))
        let copy = table
        table[key("a")]?.ports = []
        table[key("b")] = service(key("b"))
        #expect(copy.count == 1 && copy[key("a")]?.ports.count == 1 && table[key("a")]?.ports.isEmpty == true)
    }

    /// Services that change all the time leave nothing behind for good.
    @Test func changesDoNotPileUp() {
        var table = ServiceTable()
        for number in 0..<300 { table[key("s\(number)")] = service(key("s\(number)")) }
        let before = table.storage
        var most = before
        for number in 0..<30_000 {
            let key = key("s\(number % 300)")
            table[key] = service(key, port: UInt16(number), selector: ["app": "some-application-\(number)"])
            most = (max(most.bytes, table.storage.bytes), max(most.shapes, table.storage.shapes))
        }
        #expect(table.count == 300 && table[key("s299")]?.ports.first?.port == 29_999)
        #expect(most.bytes < 5 * before.bytes + 200_000 && most.shapes <= 1_000, "\(most)")
    }

    @Test func findsTheServicesBehindWhichAPodStands() {
        var table = ServiceTable()
        let wanted: [(ObjectKey, [String: String])] = [
            (key("a"), ["app": "shop"]), (key("b"), ["app": "shop", "tier": "web"]), (key("c"), ["app": "till"]),
            (key("d"), [:]), (key("e"), ["app": "shop", "tier": "db"]), (key("a", in: "shop2"), ["app": "shop"]),
            (key("a", in: "a"), ["app": "shop"]),
        ]
        for (key, selector) in wanted {
            var service = service(key, selector: selector)
            service.metadata.creationTimestamp = 5
            service.clusterIPs.append(IPAddress(high: 1, low: 2, isIPv6: true))
            table[key] = service
        }
        let labels = ["app": "shop", "tier": "web", "more": "x"]
        let expected = Set(wanted.map(\.0).filter { $0.namespace == "shop" && table[$0]?.selects(labels) == true })
        #expect(table.keys(in: "shop", selecting: labels) == expected && expected == [key("a"), key("b")])
        #expect(table.keys(in: "none", selecting: labels).isEmpty && table.keys(in: "shop", selecting: [:]).isEmpty)
    }
}
