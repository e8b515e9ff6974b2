import ArgumentParser
import GatewayAPI
import Kubernetes

/// What the operator lets `Backend`s name: the same for what serves them and for what judges them.
struct BackendOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Networks that Backends may name though they lead inside: loopback, link-local, the cluster's own.",
            valueName: "cidr,..."))
    var allowBackendNetworks: String = FlagEnvironment.text("allow-backend-networks") ?? ""

    @Option(
        help: ArgumentHelp(
            "Networks of the cluster (pods, Services, nodes), which Backends may not name.", valueName: "cidr,..."))
    var clusterNetworks: String = FlagEnvironment.text("cluster-networks") ?? ""

    @Option(help: ArgumentHelp("Namespaces whose Backends may be used; * is all.", valueName: "namespace,..."))
    var backendNamespaces: String = FlagEnvironment.text("backend-namespaces") ?? "*"

    func validate() throws { _ = try policy() }

    func policy() throws -> BackendPolicy {
        var policy = BackendPolicy()
        policy.allowedNetworks = try networks("allow-backend-networks", allowBackendNetworks)
        policy.clusterNetworks = try networks("cluster-networks", clusterNetworks)
        policy.namespaces = try namespaces()
        return policy
    }

    private func networks(_ flag: String, _ text: String) throws -> [IPNetwork] {
        try Self.elements(text).map { element in
            guard let network = IPNetwork(element) else {
                throw ValidationError("--\(flag): '\(element)' is not a CIDR like 10.0.0.0/8; nothing was started")
            }
            return network
        }
    }

    /// nil: all of them.
    private func namespaces() throws -> Set<String>? {
        let elements = Self.elements(backendNamespaces)
        guard elements != ["*"] else { return nil }
        guard !elements.isEmpty else {
            throw ValidationError(
                "--backend-namespaces: '\(backendNamespaces)' names no namespace; * is all; nothing was started")
        }
        for element in elements where !ResourceName.isLabel(element) {
            throw ValidationError(
                "--backend-namespaces: '\(element)' is not the name of a namespace; * alone is all; nothing was started"
            )
        }
        return Set(elements)
    }

    private static func elements(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    }

    /// The flags as the environment of proxies that the controller makes: what was not set is left to their defaults.
    var environment: [String: String] {
        var variables: [String: String] = [:]
        if !allowBackendNetworks.isEmpty { variables["WEIR_ALLOW_BACKEND_NETWORKS"] = allowBackendNetworks }
        if !clusterNetworks.isEmpty { variables["WEIR_CLUSTER_NETWORKS"] = clusterNetworks }
        if backendNamespaces != "*" { variables["WEIR_BACKEND_NAMESPACES"] = backendNamespaces }
        return variables
    }
}
