package import Injection
package import Kubernetes
package import Reactor

/// What `weir controller` was told to do.
package struct ControllerOptions {
    package enum Source {
        case cluster(ClusterConfiguration)
        /// A folder whose objects are served; nothing is written anywhere.
        case manifests(String)
    }

    package var source: Source
    /// The controller's own: of its lease, certificates and Service.
    package var namespace: String
    /// Unique among the replicas.
    package var identity: String
    package var usesLeaderElection = true
    /// Where the injection webhook listens; nil for none.
    package var webhook: SocketAddress?
    /// PEM of whom the webhook's clients have to have a certificate from; nil asks for none.
    package var webhookClientAuthorities: ClientAuthorities.Load?
    /// Where the API is served; nil for none.
    package var serve: SocketAddress?
    /// The served API's certificate, where it is not the controller's own.
    package var serveCertificate: ServingCertificate.Load?
    /// Whether the served API answers whoever asks.
    package var allowsAnonymous = false
    /// Whether injected proxies read the served API instead of the API server.
    package var fansOut = false
    package var telemetry: SocketAddress
    package var provisioning: ProvisioningSettings
    /// What the webhook puts into pods.
    package var injection: InjectionSettings
    package var version: String
    /// Nanoseconds that the webhook and the served API go on after SIGTERM, so that no caller meets a closed port
    /// before it has heard that the pod is going.
    package var lameDuck: UInt64 = 3_000_000_000

    package init(
        source: Source, namespace: String, identity: String, telemetry: SocketAddress,
        provisioning: ProvisioningSettings, injection: InjectionSettings, version: String
    ) {
        self.source = source
        self.namespace = namespace
        self.identity = identity
        self.telemetry = telemetry
        self.provisioning = provisioning
        self.injection = injection
        self.version = version
    }

    /// Of the Lease, the Service and the Deployment.
    package static let name = "weir-controller"
}
