package import GatewayAPI

/// Whose picture of a cluster is read: what is not needed for it is not asked for, or not kept.
package enum ClusterScope: Hashable, Sendable {
    /// All Services and the mesh routes that can concern the pod; EndpointSlices of its own Services and of those it
    /// calls.
    case sidecar(pod: ObjectKey)
    /// One Gateway and what it leads to. It counts only while its class is ours.
    case gateway(ObjectKey, GatewayAdmission)
    /// Everything, Secrets left out.
    case cluster(endpoints: Bool)

    /// The kinds watched in whole, EndpointSlices and Secrets left out.
    var kinds: [ResourceKind] {
        switch self {
        // UDP passes by sidecars.
        case .sidecar: [.service, .httpRoute, .grpcRoute, .tlsRoute, .tcpRoute, .backend, .backendTLSPolicy]
        case .gateway: Self.gatewayKinds
        case .cluster:
            Self.gatewayKinds + ResourceKind.allCases.filter { !$0.isServed && !Self.gatewayKinds.contains($0) }
        }
    }

    private static let gatewayKinds: [ResourceKind] = [
        .gatewayClass, .gateway, .httpRoute, .grpcRoute, .service, .backend, .namespace, .referenceGrant,
        .backendTLSPolicy,
    ]

    /// Which of a kind's objects are asked for.
    func watchScope(of kind: ResourceKind) -> WatchScope {
        guard kind == .gateway, case .gateway(let key, _) = self else { return WatchScope() }
        return WatchScope(namespace: key.namespace, fieldSelector: "metadata.name=\(key.name)")
    }

    var isLazy: Bool {
        if case .cluster = self { false } else { true }
    }
}

/// Which Gateways are ours, by their class.
package struct GatewayAdmission: Hashable, Sendable {
    /// What a GatewayClass of ours names.
    package var controller: String
    /// The class that is ours even if its object does not exist.
    package var className: String

    package init(controller: String, className: String) {
        self.controller = controller
        self.className = className
    }

    func admits(_ gateway: Gateway, _ classes: [String: GatewayClass]) -> Bool {
        classes[gateway.gatewayClassName].map { $0.controllerName == controller }
            ?? (gateway.gatewayClassName == className)
    }
}
