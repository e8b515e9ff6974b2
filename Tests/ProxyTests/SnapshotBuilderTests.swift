import Balancing
import GatewayAPI
import Routing
import Telemetry
import Testing

@testable import Proxy

/// Endpoint changes are cheap and compile nothing; what decides routes compiles them.
@Suite struct SnapshotBuilderTests {
    private static let service = ObjectKey(namespace: "test", name: "service")
    private static let slice = ObjectKey(namespace: "test", name: "slice")
    private static let pod = IPAddress(ipv4: 0x0a00_0001)

    private func resources(_ addresses: [IPAddress]) -> ResourceSet {
        var resources = ResourceSet()
        resources.services[Self.service] = Service(
            metadata: ObjectMeta(key: Self.service), clusterIPs: [IPAddress(ipv4: 0x0a60_0001)],
            ports: [Service.Port(name: "http", port: 80)])
        resources.endpointSlices[Self.slice] = EndpointSlice(
            metadata: ObjectMeta(key: Self.slice), serviceName: "service",
            ports: [EndpointSlice.Port(name: "http", port: 8080)],
            endpoints: addresses.map { EndpointSlice.Endpoint(address: $0) })
        return resources
    }

    private func builder() -> SnapshotBuilder {
        SnapshotBuilder(
            scope: .sidecar(pod: ObjectKey(namespace: "test", name: "pod"), addresses: [Self.pod]), names: MetricNames()
        )
    }

    @Test func anEndpointChangeKeepsTheRoutesAsTheyAre() {
        let builder = builder()
        let first = builder.build(resources([IPAddress(ipv4: 0x0a00_0002)])) { _ in [] }
        let changed = resources([IPAddress(ipv4: 0x0a00_0003)])
        let second = builder.update(changed, services: [Self.service]) { _ in [] }
        #expect(second.routes === first.routes && second.labels === first.labels)
        #expect(second.version > first.version)
        #expect(second.endpoints.contains(IPAddress(ipv4: 0x0a00_0003), port: 8080))
        #expect(!second.endpoints.contains(IPAddress(ipv4: 0x0a00_0002), port: 8080))
    }

    @Test func ofThePlanIsKeptWhatTheSnapshotDoesNotHave() {
        let builder = builder()
        let snapshot = builder.build(resources([])) { _ in [] }
        #expect(builder.latestPlan.services.isEmpty && builder.latestPlan.backends.isEmpty)
        #expect(builder.backends == [.service(Self.service, port: 80)])
        #expect(snapshot.routes.service(Self.service, port: 80) >= 0)
    }

    @Test func aChangeOfTheRoutesCompilesThem() {
        let builder = builder()
        let resources = resources([])
        let first = builder.build(resources) { _ in [] }
        #expect(builder.build(resources) { _ in [] }.routes !== first.routes)
    }

    @Test func aChangeOfThePodsOwnServicesCompilesTheRoutes() {
        let builder = builder()
        let first = builder.build(resources([])) { _ in [] }
        let second = builder.update(resources([Self.pod]), services: [Self.service]) { _ in [] }
        #expect(second.routes !== first.routes)
    }

    @Test func theFirstUpdateIsACompilation() {
        let builder = builder()
        let only = builder.update(resources([Self.pod]), services: [Self.service]) { _ in [] }
        #expect(only.endpoints.contains(Self.pod, port: 8080))
    }
}
