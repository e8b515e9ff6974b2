package import GatewayAPI

/// What statuses say beyond what the resources mean: how far provisioning has come. A proxy's own plan needs none of
/// it.
package struct StatusFacts: Hashable, Sendable {
    /// nil where nobody provisions Gateways (a folder of manifests): then a Gateway is programmed as far as its
    /// listeners are. Otherwise a Gateway that is missing here waits for its infrastructure.
    package var gateways: [ObjectKey: GatewayFacts]?
    /// Why the parameters of a GatewayClass cannot be used, by the class's name.
    package var classDefects: [String: String]
    /// `gateway.networking.k8s.io/bundle-version` of the installed definitions, as `v1.6.1`; nil when unknown.
    package var bundleVersion: String?

    package init(
        gateways: [ObjectKey: GatewayFacts]? = nil, classDefects: [String: String] = [:], bundleVersion: String? = nil
    ) {
        self.gateways = gateways
        self.classDefects = classDefects
        self.bundleVersion = bundleVersion
    }
}

/// What is known of one Gateway's infrastructure.
package struct GatewayFacts: Hashable, Sendable {
    package enum Infrastructure: Hashable, Sendable {
        /// Some proxy is ready to take requests.
        case ready
        /// It is on its way; the text says what is waited for.
        case pending(String)
        /// It cannot be made for want of something the cluster does not give (`NoResources`).
        case failed(String)
    }

    package var infrastructure: Infrastructure
    /// The addresses it can be reached at, as they go into `status.addresses`.
    package var addresses: [GatewayAddress]
    /// Why `infrastructure.parametersRef` cannot be used, where the reference itself is sound.
    package var parametersDefect: String?

    package init(
        infrastructure: Infrastructure, addresses: [GatewayAddress] = [], parametersDefect: String? = nil
    ) {
        self.infrastructure = infrastructure
        self.addresses = addresses
        self.parametersDefect = parametersDefect
    }
}
