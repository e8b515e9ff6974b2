package import GatewayAPI

/// A Gateway, and what its object says beyond its meaning that its own objects need.
package struct GatewayRequest: Hashable, Sendable {
    package var gateway: Gateway
    package var uid: String
    package var apiVersion: String

    /// - Parameter object: as the API server gave it; nil without a uid, since nothing can be owned by it.
    package init?(_ gateway: Gateway, object: Node) {
        guard let uid = object["metadata"]?["uid"]?.stringValue else { return nil }
        self.gateway = gateway
        self.uid = uid
        apiVersion = object["apiVersion"]?.stringValue ?? "gateway.networking.k8s.io/v1"
    }

    package var key: ObjectKey { gateway.metadata.key }
    package var className: String { gateway.gatewayClassName }

    /// The distinct ports of what a Weir gateway can serve, in ascending order, with the protocol of the first listener
    /// there.
    package var ports: [(port: UInt16, listenerProtocol: String)] {
        var protocols: [UInt16: String] = [:]
        for listener in gateway.listeners where listener.isProvisioned && protocols[listener.port] == nil {
            protocols[listener.port] = listener.listenerProtocol
        }
        return protocols.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The Secrets that this Gateway's HTTPS listeners name: of its own namespace, and those that a ReferenceGrant of
    /// their namespace permits. Whether they exist makes no difference.
    package func permittedCertificates(_ grants: some Collection<ReferenceGrant>) -> Set<ObjectKey> {
        let references = gateway.listeners.filter { $0.isProvisioned && $0.listenerProtocol == "HTTPS" }
            .flatMap { $0.tls?.certificateRefs ?? [] }
        let named = Set(
            references.filter { $0.defect == nil && $0.group.isEmpty && $0.kind == "Secret" }
                .map { ObjectKey(namespace: $0.namespace ?? key.namespace, name: $0.name) })
        let foreign = named.filter { $0.namespace != key.namespace }
        let own = named.subtracting(foreign)
        guard !foreign.isEmpty else { return own }
        return own.union(
            foreign.filter { secret in
                grants.contains {
                    $0.permits(fromKind: "Gateway", in: key.namespace, toGroup: "", kind: "Secret", target: secret)
                }
            })
    }
}

extension Listener {
    fileprivate var isProvisioned: Bool {
        defect == nil && (listenerProtocol == "HTTP" || listenerProtocol == "HTTPS")
    }
}
