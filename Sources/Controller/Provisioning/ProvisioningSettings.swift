package import GatewayAPI

/// What is the same for all Gateways that one controller provisions.
package struct ProvisioningSettings: Hashable, Sendable {
    /// Image of the gateway pods when their parameters name none.
    package var image: String
    /// Environment of every gateway pod, as WEIR_... names and values.
    package var environment: [String: String]
    /// What the operator lets Backends name.
    package var backends: BackendPolicy

    /// Whether sidecars read the API server: not where they read the controller.
    package var bindsInjectedNamespaces = true
    /// The controller's own, in which nothing is injected.
    package var systemNamespace = ""

    package init(
        image: String, environment: [String: String] = [:], backends: BackendPolicy = BackendPolicy()
    ) {
        self.image = image
        self.environment = environment
        self.backends = backends
    }
}
