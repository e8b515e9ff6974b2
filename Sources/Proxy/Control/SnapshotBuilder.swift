package import Balancing
package import GatewayAPI
internal import Reactor
internal import Resolver
package import Routing
package import Telemetry

/// Turns resources into snapshots. Routes are compiled when something other than endpoints has changed, endpoints alone
/// otherwise. Services without routes are laid out once, and then those that have changed.
package final class SnapshotBuilder {
    private let scope: PlanScope
    private let backendPolicy: BackendPolicy
    private let names: MetricNames
    /// Of which Services the EndpointSlices have been read; nil when all always are.
    private let coverage: (() -> EndpointCoverage)?
    private let registry = EndpointRegistry()
    private var version: UInt64 = 0
    private var plan = RoutePlan()
    /// nil before the first compilation.
    private var services: ServiceDirectory?
    private var current: Snapshot?
    private var membership: InboundMembership?
    private var certificates = GatewayCertificates()
    private var lastGood = LastGoodCertificates()
    /// As of the last compilation; nil when no rule forwards to a Backend.
    private var backendScreen: BackendScreen?
    private let expressions = ExpressionCache()
    /// Nil for all.
    private var called: CalledServices?

    /// Nanoseconds that the last compilation of routes took.
    package private(set) var compileNanoseconds: UInt64 = 0
    /// Nanoseconds that the last update of endpoints took.
    package private(set) var endpointNanoseconds: UInt64 = 0

    /// - Parameter defersRoutes: those of Services that nobody has called yet are not compiled; a gateway has none of
    ///   that sort.
    package init(
        scope: PlanScope, names: MetricNames, backends: BackendPolicy = BackendPolicy(),
        coverage: (() -> EndpointCoverage)? = nil, defersRoutes: Bool = false
    ) {
        if case .sidecar = scope, defersRoutes { called = CalledServices() }
        backendPolicy = backends
        self.coverage = coverage
        self.scope = scope
        self.names = names
    }

    /// What the resources mean, as of the last compilation, without what is in the snapshot anyway and may be large:
    /// Services without routes, and backends.
    package var latestPlan: RoutePlan { plan }

    /// Those that the last plan names.
    package var backends: [EndpointKey] { current?.endpoints.keys ?? [] }

    /// When the first of the certificates in use expires, in seconds since 1970; nil when there is none.
    package var certificateExpiry: Int64? { certificates.expiry }

    /// Host names that Backends name, to be resolved.
    package func hostNames(_ resources: ResourceSet) -> Set<String> {
        var hosts: Set<String> = []
        for key in backends {
            guard case .backend(let backend) = key, let found = resources.backends[backend] else { continue }
            hosts.formUnion(found.hosts.map(\.host))
        }
        return hosts
    }

    /// Why the first of these addresses that Backends may not lead to is refused; nil when they may lead to all.
    func refusal(of addresses: [IPAddress], _ resources: ResourceSet) -> String? {
        guard let backendScreen else { return nil }
        let endpoints = resources.endpointAddresses
        for address in addresses {
            if let reason = backendScreen.refusal(of: address, endpoints: endpoints) { return "\(address) \(reason)" }
        }
        return nil
    }

    /// Takes note of Services that are called; true when there is something new to compile.
    package func call(_ services: Set<ObjectKey>) -> Bool {
        called?.add(services) ?? false
    }

    /// Takes note of Services that are still called: their routes are the last to be forgotten.
    package func use(_ services: Set<ObjectKey>) {
        called?.use(services)
    }

    /// Compiles everything but Services that are as they were.
    /// - Parameter changed: Services that differ from those of the last compilation.
    package func build(
        _ resources: ResourceSet, changed: Set<ObjectKey>, addresses: (String) -> [IPAddress]
    ) -> Snapshot {
        let start = Clock.now()
        let services = directory(resources, changed)
        self.services = services
        plan = RoutePlanner.plan(
            resources: resources, scope: scope, directory: services, lastGood: lastGood, backends: backendPolicy,
            expressions: expressions, called: called?.keys)
        let hasBackends = plan.backends.contains { if case .backend = $0 { true } else { false } }
        backendScreen = hasBackends ? BackendScreen(backendPolicy, services: resources.services) : nil
        lastGood.note(plan.wantedSecrets, in: resources)
        membership = ownMembership(resources)
        let tls = certificates.read(plan.listeners)
        plan.problems += certificates.problems
        let routes = RouteTable(plan: plan, services: services, expressions: expressions)
        expressions.settle()
        let endpoints = EndpointTable(
            backends: plan.backends.map(\.endpointKey), catalog: services, resources: resources, registry: registry,
            coverage: coverage?(), screen: backendScreen, addresses: addresses)
        let labels = labels(of: routes, services)
        plan.backends = []
        compileNanoseconds = Clock.now() &- start
        return publishable(routes, endpoints, labels, tls)
    }

    /// Brings the endpoints of some Services up to date; compiles everything if the own pod's Services have changed
    /// with them.
    package func update(
        _ resources: ResourceSet, services: Set<ObjectKey>, addresses: (String) -> [IPAddress]
    ) -> Snapshot {
        guard let current, ownMembership(resources) == membership else {
            return build(resources, changed: [], addresses: addresses)
        }
        let start = Clock.now()
        let endpoints = current.endpoints.updating(
            services: services, resources: resources, registry: registry, coverage: coverage?(),
            screen: backendScreen, addresses: addresses)
        endpointNanoseconds = Clock.now() &- start
        return publishable(current.routes, endpoints, current.labels, current.tls)
    }

    private func publishable(
        _ routes: RouteTable, _ endpoints: EndpointTable, _ labels: MetricLabels, _ tls: GatewayTLS
    ) -> Snapshot {
        version += 1
        let snapshot = Snapshot(version: version, routes: routes, endpoints: endpoints, labels: labels, tls: tls)
        current = snapshot
        return snapshot
    }

    /// The Services a sidecar may be asked for; to a gateway they are backends only.
    private func directory(_ resources: ResourceSet, _ changed: Set<ObjectKey>) -> ServiceDirectory {
        guard case .sidecar = scope else { return .empty }
        guard let services else { return ServiceDirectory(resources.services) }
        return changed.isEmpty ? services : services.updating(changed, in: resources.services)
    }

    private func ownMembership(_ resources: ResourceSet) -> InboundMembership? {
        guard case .sidecar(let pod, let addresses) = scope else { return nil }
        return RoutePlanner.inboundMembership(resources: resources, pod: pod, addresses: addresses)
    }

    private func labels(of routes: RouteTable, _ services: ServiceDirectory) -> MetricLabels {
        let rules = (0..<routes.ruleCount).map { names.intern(route: routes.string(routes.rule($0).ownerKey)) }
        return MetricLabels(
            routes: rules, backendNames: plan.backends.lazy.map(\.description), services: services, numbers: names)
    }
}

extension ServiceDirectory: ServiceCatalog {}

extension BackendKey {
    var endpointKey: EndpointKey {
        switch self {
        case .service(let key, let port): .service(key, port: port)
        case .backend(let key): .backend(key)
        }
    }
}
