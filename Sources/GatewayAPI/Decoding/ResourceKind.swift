/// The kinds of objects a proxy reads.
package enum ResourceKind: String, Hashable, Sendable, CaseIterable {
    case gatewayClass = "GatewayClass"
    case gateway = "Gateway"
    case httpRoute = "HTTPRoute"
    case service = "Service"
    case endpointSlice = "EndpointSlice"
    case namespace = "Namespace"
    case referenceGrant = "ReferenceGrant"
    case backend = "Backend"
    case secret = "Secret"
    case backendTLSPolicy = "BackendTLSPolicy"
    case grpcRoute = "GRPCRoute"
    case tlsRoute = "TLSRoute"
    case tcpRoute = "TCPRoute"
    case udpRoute = "UDPRoute"
    case listenerSet = "ListenerSet"
    case backendTrafficPolicy = "XBackendTrafficPolicy"

    package var group: String {
        switch self {
        case .gatewayClass, .gateway, .httpRoute, .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute, .listenerSet,
            .referenceGrant, .backendTLSPolicy:
            "gateway.networking.k8s.io"
        case .backendTrafficPolicy: "gateway.networking.x-k8s.io"
        case .service, .namespace, .secret: ""
        case .endpointSlice: "discovery.k8s.io"
        case .backend: "gateway.kgateway.dev"
        }
    }

    /// The served versions that can be read, all with the same fields.
    package var versions: [String] {
        switch self {
        case .gatewayClass, .gateway, .httpRoute, .referenceGrant: ["v1", "v1beta1", "v1alpha2"]
        case .service, .namespace, .secret: ["v1"]
        case .endpointSlice: ["v1", "v1beta1"]
        case .backend, .backendTrafficPolicy: ["v1alpha1"]
        case .backendTLSPolicy, .tlsRoute: ["v1", "v1alpha3", "v1alpha2"]
        case .grpcRoute, .tcpRoute, .udpRoute: ["v1", "v1alpha2"]
        case .listenerSet: ["v1"]
        }
    }

    /// Of such objects no more is read than what they concern, so that they get a status, and nothing is served weaker
    /// for want of them.
    package var isServed: Bool {
        switch self {
        case .gatewayClass, .gateway, .httpRoute, .service, .endpointSlice, .namespace, .referenceGrant, .backend,
            .secret:
            true
        case .backendTLSPolicy, .backendTrafficPolicy, .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute, .listenerSet: false
        }
    }

    /// Proxies serve without having read it where they may not: the kind is younger than roles that people have written
    /// for them.
    package var isOptional: Bool { !isServed }

    /// Nobody else has a kind of this name: under another group it is a slip.
    var isOurs: Bool { ![.gateway, .service, .backend, .secret, .namespace].contains(self) }

    /// As it is written, of the newest version.
    var apiVersion: String { group.isEmpty ? versions[0] : "\(group)/\(versions[0])" }

    package var isNamespaced: Bool { self != .gatewayClass && self != .namespace }
}

/// Which object, among all kinds.
extension ResourceKind {
    /// What a slip of indentation may bring out of `spec`.
    var specFields: [String] {
        switch self {
        case .httpRoute: ["parentRefs", "hostnames", "rules"]
        case .gateway: ["gatewayClassName", "listeners", "addresses", "infrastructure"]
        case .service: ["ports", "selector", "type", "clusterIP"]
        case .referenceGrant: ["from", "to"]
        default: []
        }
    }
}

package struct ResourceID: Hashable, Sendable, CustomStringConvertible {
    package var kind: ResourceKind
    package var key: ObjectKey

    package init(kind: ResourceKind, key: ObjectKey) {
        self.kind = kind
        self.key = key
    }

    package var description: String { "\(kind.rawValue) \(key)" }

    /// Reads what `description` writes; nil when the kind is not one that is read.
    package init?(description text: String) {
        let words = text.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let kind = ResourceKind(rawValue: String(words[0])),
            let key = ObjectKey(String(words[1]))
        else { return nil }
        self.init(kind: kind, key: key)
    }
}
