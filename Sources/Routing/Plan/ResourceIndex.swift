internal import GatewayAPI

/// The look-ups that keep planning linear: routes by parent, by namespace and by delegation label, grants by target
/// namespace.
struct ResourceIndex {
    /// A parentRef, as the route and its position there.
    struct Reference {
        var route: ObjectKey
        var parent: Int
    }

    private(set) var gatewayReferences: [ObjectKey: [Reference]] = [:]
    /// GRPCRoutes with hostnames that name a Gateway, the oldest first.
    private(set) var grpcReferences: [ObjectKey: [Reference]] = [:]
    private(set) var serviceReferences: [ObjectKey: [Reference]] = [:]
    /// In order of their age, then their names: those that a namespace's budget has room for come first.
    private(set) var routesByAge: [String: [ObjectKey]] = [:]
    /// Those that mean a Service and do not name one.
    private(set) var strayServiceReferences: [Reference] = []
    private(set) var candidates: [ChildSelection: ChildCandidates] = [:]
    private var grants: [String: [ReferenceGrant]] = [:]

    init(_ resources: ResourceSet) {
        for (key, grant) in resources.referenceGrants {
            grants[key.namespace, default: []].append(grant)
        }
        for key in resources.httpRoutes.keys.sorted() {
            guard let route = resources.httpRoutes[key] else { continue }
            routesByAge[key.namespace, default: []].append(key)
            addParents(of: route)
            addCandidate(route)
        }
        addGRPCRoutes(resources)
        for namespace in Array(routesByAge.keys) {
            routesByAge[namespace] = oldestFirst(routesByAge[namespace] ?? [], resources)
        }
    }

    private mutating func addGRPCRoutes(_ resources: ResourceSet) {
        let routes = resources.unservedRoutes.values.filter { $0.kind == .grpcRoute && !$0.hostnames.isEmpty }
        for route in routes.sorted(by: {
            ($0.metadata.creationTimestamp ?? 0, $0.metadata.key) < (
                $1.metadata.creationTimestamp ?? 0, $1.metadata.key
            )
        }) {
            let key = route.metadata.key
            for (position, parent) in route.parentRefs.enumerated() {
                guard case .gateway = parent.target else { continue }
                let gateway = ObjectKey(namespace: parent.namespace ?? key.namespace, name: parent.name)
                grpcReferences[gateway, default: []].append(Reference(route: key, parent: position))
            }
        }
    }

    private mutating func addParents(of route: HTTPRoute) {
        let key = route.metadata.key
        for (position, parent) in route.parentRefs.enumerated() {
            let target = ObjectKey(namespace: parent.namespace ?? key.namespace, name: parent.name)
            switch parent.target {
            case .gateway: gatewayReferences[target, default: []].append(Reference(route: key, parent: position))
            case .service: serviceReferences[target, default: []].append(Reference(route: key, parent: position))
            case .unknown where parent.meansService:
                strayServiceReferences.append(Reference(route: key, parent: position))
            case .route, .unknown: break
            }
        }
    }

    private mutating func addCandidate(_ route: HTTPRoute) {
        let namespace = route.metadata.key.namespace
        candidates[.all(namespace: namespace), default: ChildCandidates()].add(route)
        guard let label = route.metadata.labels[Delegation.label] else { return }
        candidates[.label(label, namespace: namespace), default: ChildCandidates()].add(route)
        candidates[.label(label, namespace: nil), default: ChildCandidates()].add(route)
    }

    /// Those of equal age stay in their order.
    func oldestFirst(_ routes: [ObjectKey], _ resources: ResourceSet) -> [ObjectKey] {
        routes.enumerated().map { (position: $0, creation: Self.creation(of: $1, resources), key: $1) }
            .sorted { ($0.creation, $0.position) < ($1.creation, $1.position) }
            .map(\.key)
    }

    /// Objects without a creationTimestamp are of equal age.
    private static func creation(of route: ObjectKey, _ resources: ResourceSet) -> Int64 {
        resources.httpRoutes[route]?.metadata.creationTimestamp ?? 0
    }

    /// Whether a ReferenceGrant lets Gateway API objects of one kind and namespace refer to the target.
    func permits(
        fromKind: String, in namespace: String, toGroup group: String, kind: String, target: ObjectKey
    ) -> Bool {
        (grants[target.namespace] ?? []).contains {
            $0.permits(fromKind: fromKind, in: namespace, toGroup: group, kind: kind, target: target)
        }
    }
}

enum GroupName {
    static let gatewayAPI = "gateway.networking.k8s.io"
    static let kgateway = "gateway.kgateway.dev"
}

extension ParentReference {
    /// What sort of object a parentRef names.
    enum Target {
        case gateway
        case service
        /// Another HTTPRoute: this one offers itself as its child.
        case route
        case unknown
    }

    var target: Target {
        switch (group, kind) {
        case (GroupName.gatewayAPI, "Gateway"): .gateway
        case ("", "Service"), ("core", "Service"): .service
        case (GroupName.gatewayAPI, "HTTPRoute"): .route
        default: .unknown
        }
    }
}
