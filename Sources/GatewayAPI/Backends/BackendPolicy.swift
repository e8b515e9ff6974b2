/// What the operator lets `Backend`s name. They stand for hosts outside the cluster: without leave they lead neither to
/// the machine that the proxy runs on, nor to its link, nor around ReferenceGrants to Services and pods.
package struct BackendPolicy: Hashable, Sendable {
    package static let defaultClusterDomain = "cluster.local"
    /// How the operator gives leave, for messages.
    static let leave = "--allow-backend-networks"

    /// Networks that may be named whatever they are.
    package var allowedNetworks: [IPNetwork] = []
    /// Networks of the cluster beyond the addresses that the resources tell.
    package var clusterNetworks: [IPNetwork] = []
    /// Namespaces whose Backends may be used; nil is all.
    package var namespaces: Set<String>?
    /// Addresses of the machine or pod that the proxy runs in.
    package var ownAddresses: Set<IPAddress> = []
    package var clusterDomain = BackendPolicy.defaultClusterDomain

    package init() {}

    /// Why Backends of a namespace cannot be used; nil when they can.
    package func refusal(ofNamespace namespace: String) -> String? {
        guard let namespaces, !namespaces.contains(namespace) else { return nil }
        return "the operator lets no Backend of namespace \(namespace) be used (--backend-namespaces)"
    }

    /// Why an address cannot be used; nil when it can.
    /// - Parameter isOfCluster: whether the resources give the address to a Service or pod.
    package func refusal(of address: IPAddress, isOfCluster: (IPAddress) -> Bool) -> String? {
        guard !isAllowed(address) else { return nil }
        for candidate in [address] + address.embedded where !isAllowed(candidate) {
            guard let reason = reason(against: candidate, isOfCluster) else { continue }
            let subject = candidate == address ? "" : "embeds \(candidate), "
            return "\(subject.isEmpty ? "is " : subject)\(reason); \(Self.leave) would allow it"
        }
        return nil
    }

    private func isAllowed(_ address: IPAddress) -> Bool { allowedNetworks.contains { $0.contains(address) } }

    private func reason(against address: IPAddress, _ isOfCluster: (IPAddress) -> Bool) -> String? {
        if let special = SpecialAddress(address) { return special.rawValue }
        if ownAddresses.contains(address) { return "an address of the proxy itself" }
        if clusterNetworks.contains(where: { $0.contains(address) }) { return "in a network of the cluster" }
        return isOfCluster(address) ? "the address of a Service or pod of the cluster" : nil
    }

    /// Why a name cannot be used, before it is resolved; nil when it can. What it resolves to is judged by its
    /// addresses.
    /// - Parameters:
    ///   - namespaces: those whose names a resolver may search.
    ///   - isService: whether there is such a Service.
    package func refusal(
        of name: BackendName, searchedIn namespaces: [String], isService: (ObjectKey) -> Bool
    ) -> String? {
        if name.isLoopback, !isAllowed(IPAddress(ipv4: 0x7f00_0001)),
            !isAllowed(IPAddress(high: 0, low: 1, isIPv6: true))
        {
            return "is a name of this machine; \(Self.leave) 127.0.0.0/8 would allow it"
        }
        // Leave for addresses of the cluster is leave for its names: then the addresses decide.
        guard !allowsCluster else { return nil }
        guard
            name.isOfCluster(domain: clusterDomain) || name.services(searchedIn: namespaces).contains(where: isService)
        else { return nil }
        return """
            is a name of the cluster's own; refer to the Service itself, or \(Self.leave) its network, \
            named by --cluster-networks as well
            """
    }

    /// A network of the operator's own, such as a data centre's, is no leave for the cluster's.
    private var allowsCluster: Bool {
        allowedNetworks.contains { allowed in clusterNetworks.contains { $0.overlaps(allowed) } }
    }
}
