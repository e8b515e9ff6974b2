import Balancing
import GatewayAPI
import Testing

@Suite("Which endpoints take requests")
struct EndpointSelectionTests {
    typealias Fixture = BalancingFixture

    private func chosen(
        _ slices: [EndpointSlice], ports: [Service.Port] = [.init(port: 80)], type: String = "ClusterIP",
        notReady: Bool = false
    ) -> [String] {
        Fixture.texts(Fixture.table(Fixture.resources(slices, ports: ports, type: type, notReady: notReady)))
    }

    @Test("All slices of the Service count, each endpoint once")
    func union() {
        let one = Fixture.slice(
            "s1", [Fixture.endpoint(Fixture.address(1)), Fixture.endpoint(Fixture.address(2), ready: false)])
        let two = Fixture.slice("s2", [Fixture.endpoint(Fixture.address(2)), Fixture.endpoint(Fixture.address(1))])
        let other = Fixture.slice(
            "s3", of: ObjectKey(namespace: "ns", name: "other"), [Fixture.endpoint(Fixture.address(3))])
        let foreign = Fixture.slice(
            "s4", of: ObjectKey(namespace: "x", name: "web"), [Fixture.endpoint(Fixture.address(4))])
        #expect(chosen([one, two, other, foreign]) == ["10.0.0.1:8080", "10.0.0.2:8080"])
    }

    @Test("One number for UDP and TCP means the TCP port, whichever comes first")
    func twoTransports() {
        let ports = [Service.Port(name: "dns", port: 80, transport: "UDP"), Service.Port(name: "app", port: 80)]
        let slice = Fixture.slice(
            "s1", ports: [.init(name: "dns", port: 9001, transport: "UDP"), .init(name: "app", port: 9000)],
            [Fixture.endpoint(Fixture.address(1))])
        #expect(chosen([slice], ports: ports) == ["10.0.0.1:9000"])
        #expect(chosen([slice], ports: ports.reversed()) == ["10.0.0.1:9000"])
    }

    @Test("Ports join by name, their numbers may differ from slice to slice, one without number is not usable")
    func ports() {
        let ports = [Service.Port(name: "http", port: 80), Service.Port(name: "admin", port: 81)]
        let one = Fixture.slice(
            "s1", ports: [.init(name: "admin", port: 9000), .init(name: "http", port: 8080)],
            [Fixture.endpoint(Fixture.address(1))])
        let two = Fixture.slice("s2", ports: [.init(name: "http", port: 8081)], [Fixture.endpoint(Fixture.address(2))])
        let three = Fixture.slice("s3", ports: [.init(name: "http", port: nil)], [Fixture.endpoint(Fixture.address(3))])
        let four = Fixture.slice("s4", ports: [.init(port: 8080)], [Fixture.endpoint(Fixture.address(4))])
        #expect(chosen([one, two, three, four], ports: ports) == ["10.0.0.1:8080", "10.0.0.2:8081"])
        #expect(chosen([one], ports: [.init(name: "http", port: 8080)]) == [])
    }

    @Test("Without any ready endpoint those that serve while terminating are used, else none")
    func fallback() {
        let ready = Fixture.endpoint(Fixture.address(1))
        let draining = Fixture.endpoint(Fixture.address(2), ready: false, terminating: true)
        let starting = Fixture.endpoint(Fixture.address(3), ready: false, serving: false)
        let gone = Fixture.endpoint(Fixture.address(4), ready: false, serving: false, terminating: true)
        #expect(chosen([Fixture.slice("s", [ready, draining, starting, gone])]) == ["10.0.0.1:8080"])
        #expect(chosen([Fixture.slice("s", [draining, starting, gone])]) == ["10.0.0.2:8080"])
        #expect(chosen([Fixture.slice("s", [starting, gone])]) == [])
        #expect(chosen([Fixture.slice("s", [starting])], notReady: true) == ["10.0.0.3:8080"])
    }

    @Test("Ready endpoints of either family come before those that terminate")
    func readyBeforeDraining() {
        let draining = Fixture.endpoint(Fixture.address(1), ready: false, terminating: true)
        let draining6 = Fixture.endpoint(Fixture.address6(1), ready: false, terminating: true)
        #expect(
            chosen([
                Fixture.slice("a", [draining]), Fixture.slice("b", [draining6, Fixture.endpoint(Fixture.address6(2))]),
            ])
                == ["fd00::2:8080"])
        #expect(chosen([Fixture.slice("a", [draining]), Fixture.slice("b", [draining6])]) == ["10.0.0.1:8080"])
    }

    @Test("Of a dual-stack Service one family is used: IPv4 when it has a usable endpoint")
    func families() {
        let six = Fixture.slice("a6", [Fixture.endpoint(Fixture.address6(1)), Fixture.endpoint(Fixture.address6(2))])
        let four = Fixture.slice("b4", [Fixture.endpoint(Fixture.address(1))])
        let unready = Fixture.slice("b4", [Fixture.endpoint(Fixture.address(1), ready: false, serving: false)])
        #expect(chosen([six, four]) == ["10.0.0.1:8080"])
        #expect(chosen([six, unready]).count == 2)
    }

    @Test("An ExternalName Service and an unspecified address have no endpoints")
    func unusable() {
        #expect(chosen([Fixture.slice("s", [Fixture.endpoint(Fixture.address(1))])], type: "ExternalName") == [])
        #expect(chosen([Fixture.slice("s", [Fixture.endpoint(IPAddress(ipv4: 0))])]) == [])
    }

    @Test("A Backend has every address of every host, each once; one that is not usable has none")
    func backends() {
        let key = ObjectKey(namespace: "ns", name: "out")
        var resources = ResourceSet()
        let hosts = [
            Backend.Host(host: "10.0.0.1", port: 443), .init(host: "a.example", port: 80),
            .init(host: "fd00::1", port: 1),
            .init(host: "10.0.0.1", port: 443), .init(host: "unknown.example", port: 80),
        ]
        resources.backends[key] = Backend(metadata: ObjectMeta(key: key), hosts: hosts)
        let addresses = { (name: String) in name == "a.example" ? [Fixture.address(8), Fixture.address6(8)] : [] }
        let table = Fixture.table(resources, keys: [.backend(key)], addresses: addresses)
        #expect(Fixture.texts(table) == ["10.0.0.1:443", "10.0.0.8:80", "fd00::8:80", "fd00::1:1"])
        #expect(!table.isService(0) && !table.isService(-1) && !table.isService(1))
        resources.backends[key]?.defect = "no"
        #expect(Fixture.texts(Fixture.table(resources, keys: [.backend(key)], addresses: addresses)) == [])
    }
}
