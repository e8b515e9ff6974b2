internal import GatewayAPI

/// What of an object is kept: with ten thousand Services every field counts. Whatever no proxy reads goes, and long
/// strings that many objects have are kept once.
struct Compaction {
    private let scope: ClusterScope
    private var shared: Set<String> = []

    init(_ scope: ClusterScope) {
        self.scope = scope
    }

    /// The part of the object that is kept; nil when the scope has no use for it.
    mutating func keep(_ resource: Resource) -> Resource? {
        switch resource {
        case .httpRoute(var route):
            guard route.parentRefs.isEmpty || concerns(route.parentRefs, of: route.metadata.key) else { return nil }
            compact(&route.metadata)
            return .httpRoute(route)
        case .unservedRoute(let route):
            return concerns(route.parentRefs, of: route.metadata.key) ? resource : nil
        case .service(var service):
            compact(&service.metadata)
            if !isOwnNamespace(service.metadata.key.namespace) {
                service.selector = [:]
                for position in service.ports.indices { service.ports[position].targetPort = nil }
            }
            return .service(service)
        case .endpointSlice(var slice):
            compact(&slice.metadata)
            slice.serviceName = slice.serviceName.map { share($0) }
            for position in slice.endpoints.indices { compact(&slice.endpoints[position]) }
            return .endpointSlice(slice)
        case .namespace(var namespace):
            // Its labels select routes.
            namespace.metadata.annotations = [:]
            return .namespace(namespace)
        case .gatewayClass, .gateway, .referenceGrant, .backend, .secret, .unservedPolicy, .listenerSet:
            return resource
        }
    }

    private mutating func compact(_ metadata: inout ObjectMeta) {
        metadata.key.namespace = share(metadata.key.namespace)
        metadata.labels = metadata.labels.filter { Self.isRead($0.key) }
        metadata.annotations = metadata.annotations.filter { Self.isRead($0.key) }.mapValues(Self.cut)
    }

    private mutating func compact(_ endpoint: inout EndpointSlice.Endpoint) {
        endpoint.zone = endpoint.zone.map { share($0) }
        endpoint.nodeName = endpoint.nodeName.map { share($0) }
        // A sidecar looks only for its own pod among the endpoints.
        if case .sidecar(let pod) = scope, endpoint.pod != pod { endpoint.pod = nil }
        if let pod = endpoint.pod { endpoint.pod?.namespace = share(pod.namespace) }
    }

    /// Labels and annotations that mean something to Weir.
    private static func isRead(_ name: String) -> Bool {
        name.hasPrefix("weir.dev/") || name.hasPrefix("delegation.kgateway.dev/")
    }

    /// A value that is too long means nothing, cut or not.
    private static func cut(_ value: String) -> String {
        value.utf8.count <= ClusterLimits.annotationBytes ? value : String(value.prefix(ClusterLimits.annotationBytes))
    }

    /// Own Services are found by their selectors, and guard the pod's ports that they lead to.
    private func isOwnNamespace(_ namespace: String) -> Bool {
        guard case .sidecar(let pod) = scope else { return false }
        return namespace == pod.namespace
    }

    /// Strings of up to 15 bytes live in their owner; longer ones are shared. Names of nodes come and go: when too many
    /// have been seen, sharing begins anew.
    private mutating func share(_ text: String) -> String {
        guard text.utf8.count > 15 else { return text }
        if shared.count >= ClusterLimits.sharedStrings { shared = [] }
        return shared.insert(text).memberAfterInsert
    }

    /// Whether a route can have an effect in the scope: it is bound to something of the scope, or may be the child of
    /// one that is.
    private func concerns(_ parents: [ParentReference], of route: ObjectKey) -> Bool {
        parents.contains { parent in
            let namespace = parent.namespace ?? route.namespace
            switch (parent.group, parent.kind) {
            case ("gateway.networking.k8s.io", "HTTPRoute"): return true
            case _ where parent.meansService: return concernsMesh(route, service: namespace)
            default: return concernsGateway(ObjectKey(namespace: namespace, name: parent.name))
            }
        }
    }

    /// Producer routes concern every client, consumer routes those of their own namespace.
    private func concernsMesh(_ route: ObjectKey, service namespace: String) -> Bool {
        switch scope {
        case .sidecar(let pod):
            route.namespace == namespace || route.namespace == pod.namespace
        case .gateway: false
        case .cluster: true
        }
    }

    private func concernsGateway(_ key: ObjectKey) -> Bool {
        switch scope {
        case .sidecar: false
        case .gateway(let own, _): key == own
        case .cluster: true
        }
    }
}
