/// What is put into pods, as the operator of the mesh wants it; a pod's annotations change parts of it for that pod.
package struct InjectionSettings: Hashable, Sendable {
    /// The operator's image, of the redirect container always and of the proxy where its pod names no other; its entry
    /// point is `weir`, which is also in its `PATH`.
    package var image: String
    /// Repositories (`ImageReference.repository`) of which a pod may name an image for its proxy; none: it may name
    /// none.
    package var allowedProxyRepositories: Set<String> = []
    /// The image that a pod names for its proxy.
    var podProxyImage: String?
    /// Written into the status annotation.
    package var version: String
    /// nil leaves the choice to Kubernetes.
    package var imagePullPolicy: String?
    /// Names of Secrets in the pod's namespace, added to the pod's own.
    package var imagePullSecrets: [String] = []
    package var sidecar = SidecarMode.native
    /// Where Weir itself runs; its pods are never injected.
    package var systemNamespace = InjectionNames.systemNamespace

    /// Of both containers: the redirect container is gone before the proxy starts, so a pod needs no more for it. One
    /// that had other limits would stand against quotas and the QoS class Guaranteed, which ask every container.
    package var resources = ResourceAmounts(cpuRequest: "10m", memoryRequest: "24Mi", memoryLimit: "128Mi")
    /// Worker threads of a proxy. A sidecar without a CPU limit would otherwise start one for each core of its node.
    package var workers = 2
    package var logLevel = "info"
    package var accessLog = "errors"
    /// A duration, or nil for the proxy's own default.
    package var drainTimeout: String?
    /// Milliseconds between the end of a pod being decided and its containers being told; 0 for none.
    package var terminationDelay: UInt64 = 5_000
    /// Whether the kubelet's probes are taken past the doors.
    package var rewritesProbes = true

    package var excludeInboundPorts = ""
    package var excludeOutboundPorts = ""
    package var excludeOutboundCIDRs = ""
    /// `auto`, `on` or `off`: `weir intercept install --ipv6`.
    package var ipv6 = "auto"

    /// Further variables of the proxy: what the operator has decided for all of them.
    package var environment: [String: String] = [:]

    /// The served API that proxies read instead of the API server.
    package var kubernetesVia: String?
    /// PEM text of who signs its certificate.
    package var kubernetesViaCA: String?

    /// Whether proxies show the served API who they are: in the clear everyone on the way could take the token.
    var showsTokenToServedAPI: Bool { kubernetesVia?.lowercased().hasPrefix("https://") ?? false }

    /// Marks a pod as injected by this version.
    var statusText: String { "injected by weir \(version)" }

    package init(image: String, version: String) {
        self.image = image
        self.version = version
    }
}
