package import GatewayAPI
package import Routing

/// What a request is addressed to.
package enum ExplainedFrontend: Hashable, Sendable {
    /// A Gateway; the request's port chooses among its listeners.
    case gateway(ObjectKey)
    /// A port of a Service, as a client of namespace `from` sees it (nil: of the Service's own namespace).
    case service(ObjectKey, port: UInt16, from: String?)

    /// The scope whose plan a proxy at this place would serve from.
    package var scope: PlanScope {
        switch self {
        case .gateway(let key): .gateway(key)
        case .service(let key, _, let from):
            // Only the namespace of the pod counts: it has no addresses, so it has no inbound door.
            .sidecar(pod: ObjectKey(namespace: from ?? key.namespace, name: "any"), addresses: [])
        }
    }

    /// The Host of a request that writes none; nil when there is nothing to go by.
    var defaultHost: String? {
        switch self {
        case .gateway: nil
        case .service(let key, let port, _):
            "\(key.name).\(key.namespace).svc.cluster.local" + (port == 80 ? "" : ":\(port)")
        }
    }
}
