import Balancing
import GatewayAPI
import Telemetry

@testable import Proxy
@testable import Routing

/// Snapshots of one Service whose endpoints are read on demand, as a sidecar's in a cluster are: the same routes with
/// every state of discovery.
struct LazySnapshots {
    static let service = ObjectKey(namespace: "shop", name: "cart")
    static let port: UInt16 = 80

    private let plan: RoutePlan
    private let routes: RouteTable
    private let registry = EndpointRegistry()
    private let clusterIP: IPAddress

    /// - Parameter clusterIP: where the Service is addressed; the test dials it at the gateway door as well.
    init(clusterIP: IPAddress = IPAddress(ipv4: 0x7f00_0001)) {
        var plan = RoutePlan()
        plan.backends = [.service(LazySnapshots.service, port: LazySnapshots.port)]
        let rank = PlannedMatch.Rank(
            rootCreation: 0, root: LazySnapshots.service, ownerCreation: 0, owner: LazySnapshots.service, ruleIndex: 0,
            matchIndex: 0)
        plan.rules = [
            PlannedRule(
                origin: RuleOrigin(chain: [LazySnapshots.service], ruleIndex: 0),
                action: .forward([PlannedBackend(target: .backend(0), weight: 1)]))
        ]
        plan.listeners = [
            PlannedListener(
                gateway: ObjectKey(namespace: "test", name: "gateway"), name: "http", port: TestProxy.frontendPort,
                hostname: nil, matches: [PlannedMatch(rule: 0, rank: rank)], isUsable: true)
        ]
        plan.services = [
            PlannedService(
                service: LazySnapshots.service, port: LazySnapshots.port, clusterIPs: [clusterIP], appProtocol: .opaque,
                backend: 0, isRouted: false, matches: [])
        ]
        self.plan = plan
        self.clusterIP = clusterIP
        routes = RouteTable(plan: plan)
    }

    /// - Parameters:
    ///   - endpoints: ports on loopback; nil when they have not been read.
    ///   - clusterPort: the Service's own port, for tests in which its ClusterIP answers.
    func snapshot(_ version: UInt64, endpoints: [UInt16]?, clusterPort: UInt16 = LazySnapshots.port) -> Snapshot {
        var resources = ResourceSet()
        resources.services[LazySnapshots.service] = Service(
            metadata: ObjectMeta(key: LazySnapshots.service), clusterIPs: [clusterIP],
            ports: [.init(port: clusterPort)])
        for (position, port) in (endpoints ?? []).enumerated() {
            let key = ObjectKey(namespace: LazySnapshots.service.namespace, name: "slice-\(position)")
            resources.endpointSlices[key] = EndpointSlice(
                metadata: ObjectMeta(key: key), serviceName: LazySnapshots.service.name, ports: [.init(port: port)],
                endpoints: [.init(address: IPAddress(ipv4: 0x7f00_0001))])
        }
        let table = EndpointTable(
            backends: [.service(LazySnapshots.service, port: clusterPort)], resources: resources, registry: registry,
            coverage: EndpointCoverage(isEverything: endpoints != nil), addresses: { _ in [] })
        return Snapshot(
            version: version, routes: routes, endpoints: table,
            labels: MetricLabels(routes: [0], backendNames: ["cart"], numbers: MetricNames()))
    }
}
