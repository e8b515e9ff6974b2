import Balancing
import GatewayAPI
import Telemetry
import Testing

@testable import Proxy
@testable import Routing

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
        let first = builder.build(resources([IPAddress(ipv4: 0x0a00_0002)]), changed: []) { _ in [] }
        let changed = resources([IPAddress(ipv4: 0x0a00_0003)])
        let second = builder.update(changed, services: [Self.service]) { _ in [] }
        #expect(second.routes === first.routes && second.labels === first.labels)
        #expect(second.version > first.version)
        #expect(second.endpoints.contains(IPAddress(ipv4: 0x0a00_0003), port: 8080))
        #expect(!second.endpoints.contains(IPAddress(ipv4: 0x0a00_0002), port: 8080))
    }

    @Test func ofThePlanIsKeptWhatTheSnapshotDoesNotHave() {
        let builder = builder()
        let snapshot = builder.build(resources([]), changed: []) { _ in [] }
        #expect(builder.latestPlan.services.isEmpty && builder.latestPlan.backends.isEmpty)
        #expect(builder.backends.isEmpty, "no route names a backend")
        let frontend = snapshot.routes.service(Self.service, port: 80)
        #expect(snapshot.endpoints.key(snapshot.routes.frontend(frontend).backend) == .service(Self.service, port: 80))
    }

    @Test func aChangeOfTheRoutesCompilesThem() {
        let builder = builder()
        let resources = resources([])
        let first = builder.build(resources, changed: []) { _ in [] }
        #expect(builder.build(resources, changed: []) { _ in [] }.routes !== first.routes)
    }

    @Test func servicesThatHaveNotChangedAreSharedByTheNextSnapshot() {
        let builder = builder()
        var resources = resources([])
        let first = builder.build(resources, changed: []) { _ in [] }
        let route = ObjectKey(namespace: "test", name: "route")
        resources.httpRoutes[route] = HTTPRoute(
            metadata: ObjectMeta(key: route),
            parentRefs: [ParentReference(group: "", kind: "Service", name: "service", port: 80)], hostnames: [],
            rules: [HTTPRouteRule(backendRefs: [BackendReference(name: "service", port: 80)])])
        let routed = builder.build(resources, changed: []) { _ in [] }
        #expect(routed.routes.services === first.routes.services)
        resources.services[Self.service]?.ports = [Service.Port(name: "http", port: 81)]
        let changed = builder.build(resources, changed: [Self.service]) { _ in [] }
        #expect(changed.routes.services !== first.routes.services)
        #expect(changed.routes.service(address: IPAddress(ipv4: 0x0a60_0001), port: 80) == -1)
        #expect(changed.routes.service(address: IPAddress(ipv4: 0x0a60_0001), port: 81) >= 0)
    }

    /// A Service that routes name is one backend, whichever way a request has come to it.
    @Test func theNumbersOfABackendMeanTheSame() throws {
        let builder = builder()
        var resources = resources([IPAddress(ipv4: 0x0a00_0002)])
        let other = ObjectKey(namespace: "test", name: "other")
        resources.services[other] = Service(
            metadata: ObjectMeta(key: other), clusterIPs: [IPAddress(ipv4: 0x0a60_0002)], ports: [.init(port: 80)])
        let route = ObjectKey(namespace: "test", name: "route")
        resources.httpRoutes[route] = HTTPRoute(
            metadata: ObjectMeta(key: route),
            parentRefs: [ParentReference(group: "", kind: "Service", name: "other", port: 80)], hostnames: [],
            rules: [HTTPRouteRule(backendRefs: [BackendReference(name: "service", port: 80)])])
        let snapshot = builder.build(resources, changed: []) { _ in [] }
        let key = EndpointKey.service(Self.service, port: 80)
        let named = Int32(try #require(builder.backends.firstIndex(of: key)))
        let plain = snapshot.routes.frontend(
            snapshot.routes.service(address: IPAddress(ipv4: 0x0a60_0001), port: 80)
        ).backend
        #expect(plain >= builder.backends.count && snapshot.endpoints.key(plain) == key)
        #expect(snapshot.endpoints.endpoints(plain).map(\.id) == snapshot.endpoints.endpoints(named).map(\.id))
        #expect(snapshot.labels.backend(plain) == snapshot.labels.backend(named))
        let listed = snapshot.endpoints.distinctBackends.compactMap(snapshot.endpoints.key)
        #expect(Set(listed) == [key, .service(other, port: 80)] && listed.count == 2)
    }

    @Test func aChangeOfThePodsOwnServicesCompilesTheRoutes() {
        let builder = builder()
        let first = builder.build(resources([]), changed: []) { _ in [] }
        let second = builder.update(resources([Self.pod]), services: [Self.service]) { _ in [] }
        #expect(second.routes !== first.routes)
    }

    @Test func theFirstUpdateIsACompilation() {
        let builder = builder()
        let only = builder.update(resources([Self.pod]), services: [Self.service]) { _ in [] }
        #expect(only.endpoints.contains(Self.pod, port: 8080))
    }
}
