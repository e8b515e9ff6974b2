/// Some of the kinds, in two bytes: a set of them is a part of every problem, and proxies keep those.
package struct ResourceKinds: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let gatewayClass = ResourceKinds(rawValue: 1 << 0)
    package static let gateway = ResourceKinds(rawValue: 1 << 1)
    package static let httpRoute = ResourceKinds(rawValue: 1 << 2)
    package static let service = ResourceKinds(rawValue: 1 << 3)
    package static let endpointSlice = ResourceKinds(rawValue: 1 << 4)
    package static let namespace = ResourceKinds(rawValue: 1 << 5)
    package static let referenceGrant = ResourceKinds(rawValue: 1 << 6)
    package static let backend = ResourceKinds(rawValue: 1 << 7)
    package static let secret = ResourceKinds(rawValue: 1 << 8)
    package static let backendTLSPolicy = ResourceKinds(rawValue: 1 << 9)
    package static let otherRoute = ResourceKinds(rawValue: 1 << 10)
    package static let listenerSet = ResourceKinds(rawValue: 1 << 11)
    package static let backendTrafficPolicy = ResourceKinds(rawValue: 1 << 12)

    package init(_ kind: ResourceKind) {
        self =
            switch kind {
            case .gatewayClass: .gatewayClass
            case .gateway: .gateway
            case .httpRoute: .httpRoute
            case .service: .service
            case .endpointSlice: .endpointSlice
            case .namespace: .namespace
            case .referenceGrant: .referenceGrant
            case .backend: .backend
            case .secret: .secret
            case .backendTLSPolicy: .backendTLSPolicy
            case .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute: .otherRoute
            case .listenerSet: .listenerSet
            case .backendTrafficPolicy: .backendTrafficPolicy
            }
    }
}
