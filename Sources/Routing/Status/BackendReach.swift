internal import GatewayAPI

/// Which Gateways lead to a backend by some route, and whether routes of the mesh do: the ancestors of a policy for the
/// backend (GEP-713). In the mesh that is the Service itself.
struct BackendReach {
    struct Ancestor: Hashable {
        var reference: ParentReference
        var kind: ParentKind
    }

    private var gateways: [BackendKey: Set<ObjectKey>] = [:]
    private var mesh: Set<BackendKey> = []
    private let services: ServiceTable

    /// - Parameter builder: after all Gateways and Services have been planned.
    init(_ builder: PlanBuilder, _ attachments: ServiceAttachments) {
        services = builder.resources.services
        for listener in builder.plan.listeners { builder.noteServing(listener) }
        for (gateway, routes) in builder.servingRoutes {
            for backend in Self.backends(of: routes, .gateway, builder) {
                gateways[backend, default: []].insert(gateway)
            }
        }
        let roots =
            attachments.producers.values.flatMap(\.self)
            + attachments.consumers.values.flatMap { $0.values.flatMap(\.self) }
        let matches = Set(roots).sorted().compactMap { builder.resources.httpRoutes[$0] }
            .flatMap { builder.compiledMatches(of: $0, kind: .mesh) }
        mesh = Self.backends(of: Set(matches.map(\.rank.owner)), .mesh, builder)
    }

    private static func backends(
        of routes: Set<ObjectKey>, _ kind: ParentKind, _ builder: PlanBuilder
    ) -> Set<BackendKey> {
        routes.reduce(into: []) { $0.formUnion(builder.reachedBackends[RouteUse(route: $1, kind: kind)] ?? []) }
    }

    /// In a fixed order, Gateways first: there is room for so many only.
    func ancestors(of policy: UnservedPolicy) -> [Ancestor] {
        var leading: Set<ObjectKey> = []
        var called: Set<ObjectKey> = []
        for (backend, gateways) in gateways where targets(policy, backend) { leading.formUnion(gateways) }
        for case .service(let key, let port) in mesh where targets(policy, .service(key, port: port)) {
            called.insert(key)
        }
        return leading.sorted().map { gateway in
            Ancestor(reference: ParentReference(namespace: gateway.namespace, name: gateway.name), kind: .gateway)
        }
            + called.sorted().map { service in
                Ancestor(
                    reference: ParentReference(
                        group: "", kind: "Service", namespace: service.namespace, name: service.name), kind: .mesh)
            }
    }

    private func targets(_ policy: UnservedPolicy, _ backend: BackendKey) -> Bool {
        switch backend {
        case .service(let key, let port):
            guard key.namespace == policy.id.key.namespace, let service = services[key] else { return false }
            return policy.targets.contains { $0.meansService(key.name) && $0.covers(port, of: service) }
        case .backend(let key):
            return key.namespace == policy.id.key.namespace && policy.targets.contains { $0.meansBackend(key.name) }
        }
    }
}

extension PlanBuilder {
    /// Whether somebody will ask what leads where.
    private var isReachAsked: Bool {
        if case .cluster = scope { !resources.unservedPolicies.isEmpty } else { false }
    }

    /// Remembers whose matches a listener has.
    func noteServing(_ listener: PlannedListener) {
        guard isReachAsked, !listener.matches.isEmpty else { return }
        servingRoutes[listener.gateway, default: []].formUnion(
            listener.matches.filter { !isClosed($0) }.map(\.rank.owner))
    }

    /// Remembers what a route leads to.
    func noteReached(_ backend: BackendKey, by use: RouteUse) {
        guard isReachAsked else { return }
        reachedBackends[use, default: []].insert(backend)
    }
}
