import CAllocationCount
import GatewayAPI
import Routing
import Telemetry
import Testing

@testable import Proxy

/// What compiling takes of memory beside what it leaves: every sidecar of a cluster pays it for every
/// Service there is. Bytes for each Service, counted on the heap; the bounds are about twice what is used.
@Suite struct CompileMemoryTests {
    private static let count = 10_000

    private static func key(_ number: Int) -> ObjectKey {
        ObjectKey(namespace: "team-\(number % 50)", name: "service-\(number)")
    }

    private static let resources: ResourceSet = {
        var resources = ResourceSet()
        for number in 0..<count {
            resources.services[key(number)] = Service(
                metadata: ObjectMeta(key: key(number)), clusterIPs: [IPAddress(ipv4: 0x0a60_0000 + UInt32(number))],
                ports: [Service.Port(name: "http", port: 80)])
        }
        return resources
    }()

    /// A sidecar that has called nobody yet.
    private func builder() -> SnapshotBuilder {
        SnapshotBuilder(
            scope: .sidecar(pod: ObjectKey(namespace: "team-0", name: "pod"), addresses: []), names: MetricNames(),
            coverage: { EndpointCoverage() })
    }

    /// Bytes of heap for each Service, at most and at the end, beyond those before.
    private func bytes(_ work: () -> Snapshot) -> (peak: Int, kept: Int, snapshot: Snapshot) {
        let before = weir_allocated_bytes()
        weir_reset_allocated_peak()
        let snapshot = work()
        let (peak, after) = (weir_allocated_peak(), weir_allocated_bytes())
        return ((peak - before) / Self.count, (after - before) / Self.count, snapshot)
    }

    @Test func compilingTakesLittleMoreThanItLeaves() {
        let builder = builder()
        var routed = Self.resources
        let first = bytes { builder.build(routed, changed: []) { _ in [] } }
        print("the first compilation: \(first.peak) bytes for each Service, \(first.kept) kept")
        #expect(first.peak <= 300 && first.kept <= 180)

        let route = ObjectKey(namespace: "team-1", name: "route")
        routed.httpRoutes[route] = HTTPRoute(
            metadata: ObjectMeta(key: route),
            parentRefs: [ParentReference(group: "", kind: "Service", name: "service-1", port: 80)], hostnames: [],
            rules: [HTTPRouteRule(backendRefs: [BackendReference(name: "service-1", port: 80)])])
        let second = bytes { builder.build(routed, changed: []) { _ in [] } }
        print("a route has changed: \(second.peak) bytes, \(second.kept) kept")
        #expect(second.peak <= 30, "Services that have not changed are not laid out anew")

        var changed = routed
        changed.services[Self.key(2)]?.ports = [Service.Port(name: "http", port: 81)]
        let third = bytes { builder.build(changed, changed: [Self.key(2)]) { _ in [] } }
        print("a Service has changed: \(third.peak) bytes, \(third.kept) kept")
        #expect(third.peak <= 280)
        // The snapshots that workers may still hold.
        withExtendedLifetime((first.snapshot, second.snapshot, third.snapshot)) {}
    }
}
