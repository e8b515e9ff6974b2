/// Which addresses Backends may lead to, as far as the resources tell now: asked again whenever a name is resolved or a
/// Service or endpoint comes, so that an address that was let through does not stay so.
package struct BackendScreen: Sendable {
    package var policy: BackendPolicy
    /// The addresses of Services.
    private let clusterIPs: Set<IPAddress>

    /// - Parameter services: those whose addresses no Backend may name.
    package init(_ policy: BackendPolicy, services: ServiceTable) {
        self.policy = policy
        clusterIPs = services.values.reduce(into: []) { $0.formUnion($1.clusterIPs) }
    }

    /// - Parameter endpoints: addresses of endpoints of Services.
    package func admits(_ address: IPAddress, endpoints: Set<IPAddress>) -> Bool {
        refusal(of: address, endpoints: endpoints) == nil
    }

    /// Why an address cannot be used; nil when it can.
    package func refusal(of address: IPAddress, endpoints: Set<IPAddress>) -> String? {
        policy.refusal(of: address) { clusterIPs.contains($0) || (guessesNetworks && endpoints.contains($0)) }
    }

    /// Where the operator says which networks are the cluster's, no EndpointSlice's author adds an address to them.
    private var guessesNetworks: Bool { policy.clusterNetworks.isEmpty }

    /// Why a Backend cannot be used as it is written, and the position of the host that is to blame if it is one; nil
    /// when it can.
    package func refusal(
        of backend: Backend, in resources: ResourceSet, endpoints: Set<IPAddress>, searching namespaces: [String]
    ) -> (host: Int?, reason: String)? {
        let namespace = backend.metadata.key.namespace
        if let reason = policy.refusal(ofNamespace: namespace) { return (nil, reason) }
        for (position, host) in backend.hosts.enumerated() {
            var reason: String?
            if let address = IPAddress(host.host) {
                reason = refusal(of: address, endpoints: endpoints)
            } else if let name = BackendName(host.host) {
                reason = policy.refusal(of: name, searchedIn: namespaces + [namespace]) {
                    resources.services[$0] != nil
                }
            }
            if let reason { return (position, reason) }
        }
        return nil
    }
}

extension ResourceSet {
    /// The addresses of endpoints of Services that are said to be pods, or are of a private network: a guess at the
    /// networks of the cluster, because both are texts of whoever wrote the EndpointSlice.
    package var endpointAddresses: Set<IPAddress> {
        endpointSlices.values.reduce(into: []) { found, slice in
            for endpoint in slice.endpoints where endpoint.pod != nil || endpoint.address.isPrivate {
                found.insert(endpoint.address)
            }
        }
    }
}

extension IPAddress {
    /// RFC 1918, RFC 6598 (100.64.0.0/10) or RFC 4193 (fc00::/7).
    fileprivate var isPrivate: Bool {
        if isIPv6 { return high >> 57 == 0xfc >> 1 }
        return low >> 24 == 10 || low >> 20 == 0xac1 || low >> 16 == 0xc0a8 || low >> 22 == 0x6440 >> 6
    }
}
