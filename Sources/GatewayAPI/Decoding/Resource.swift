/// One object of any kind that a proxy reads.
package enum Resource: Hashable, Sendable {
    case gatewayClass(GatewayClass)
    case gateway(Gateway)
    case httpRoute(HTTPRoute)
    /// In the place of a route of any kind.
    case unservedRoute(UnservedRoute)
    case service(Service)
    case endpointSlice(EndpointSlice)
    case namespace(Namespace)
    case referenceGrant(ReferenceGrant)
    case backend(Backend)
    case secret(Secret)
    case unservedPolicy(UnservedPolicy)
    case listenerSet(ListenerSet)
}

extension ResourceSet {
    /// The object, nil when there is none.
    package subscript(id: ResourceID) -> Resource? {
        switch id.kind {
        case .gatewayClass: gatewayClasses[id.key.name].map(Resource.gatewayClass)
        case .gateway: gateways[id.key].map(Resource.gateway)
        case .httpRoute:
            httpRoutes[id.key].map(Resource.httpRoute) ?? unservedRoutes[id].map(Resource.unservedRoute)
        case .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute: unservedRoutes[id].map(Resource.unservedRoute)
        case .service: services[id.key].map(Resource.service)
        case .endpointSlice: endpointSlices[id.key].map(Resource.endpointSlice)
        case .namespace: namespaces[id.key.name].map(Resource.namespace)
        case .referenceGrant: referenceGrants[id.key].map(Resource.referenceGrant)
        case .backend: backends[id.key].map(Resource.backend)
        case .secret: secrets[id.key].map(Resource.secret)
        case .backendTLSPolicy, .backendTrafficPolicy: unservedPolicies[id].map(Resource.unservedPolicy)
        case .listenerSet: listenerSets[id.key].map(Resource.listenerSet)
        }
    }

    /// Adds or replaces one object.
    package mutating func insert(_ resource: Resource) {
        switch resource {
        case .gatewayClass(let value): gatewayClasses[value.metadata.key.name] = value
        case .gateway(let value): gateways[value.metadata.key] = value
        case .httpRoute(let value):
            httpRoutes[value.metadata.key] = value
            unservedRoutes[ResourceID(kind: .httpRoute, key: value.metadata.key)] = nil
        case .unservedRoute(let value):
            remove(value.id)
            unservedRoutes[value.id] = value
        case .service(let value): services[value.metadata.key] = value
        case .endpointSlice(let value): endpointSlices[value.metadata.key] = value
        case .namespace(let value): namespaces[value.metadata.key.name] = value
        case .referenceGrant(let value): referenceGrants[value.metadata.key] = value
        case .backend(let value): backends[value.metadata.key] = value
        case .secret(let value): secrets[value.metadata.key] = value
        case .unservedPolicy(let value): unservedPolicies[value.id] = value
        case .listenerSet(let value): listenerSets[value.key] = value
        }
    }

    package mutating func remove(_ id: ResourceID) {
        switch id.kind {
        case .gatewayClass: gatewayClasses[id.key.name] = nil
        case .gateway: gateways[id.key] = nil
        case .httpRoute:
            httpRoutes[id.key] = nil
            unservedRoutes[id] = nil
        case .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute: unservedRoutes[id] = nil
        case .service: services[id.key] = nil
        case .endpointSlice: endpointSlices[id.key] = nil
        case .namespace: namespaces[id.key.name] = nil
        case .referenceGrant: referenceGrants[id.key] = nil
        case .backend: backends[id.key] = nil
        case .secret: secrets[id.key] = nil
        case .backendTLSPolicy, .backendTrafficPolicy: unservedPolicies[id] = nil
        case .listenerSet: listenerSets[id.key] = nil
        }
    }
}
