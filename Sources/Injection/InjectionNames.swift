/// The names and numbers that injected pods, the webhook and the documentation agree on.
package enum InjectionNames {
    package static let systemNamespace = "weir-system"
    /// Namespaces of Kubernetes itself: a pod there that cannot start takes the cluster with it.
    package static let protectedNamespaces: Set<String> = ["kube-system", "kube-public", "kube-node-lease"]

    package static let redirectContainer = "weir-redirect"
    package static let proxyContainer = "weir-proxy"
    package static let tokenVolume = "weir-token"
    package static let lockVolume = "weir-lock"
    static let containers: Set<String> = [redirectContainer, proxyContainer]
    static let volumes: Set<String> = [tokenVolume, lockVolume]

    /// The label of every pod in which something of Weir runs: `sidecar`, `gateway` or `controller`. Metrics are found
    /// by it.
    package static let proxyLabel = "weir.dev/proxy"
    package static let prefix = "weir.dev/"
    /// The proxy's environment variable that holds the probes it makes for the kubelet.
    package static let probesVariable = "WEIR_PROBES"
    /// The proxy's environment variable that says which file has its pod's labels.
    static let podLabelsVariable = "WEIR_POD_LABELS"
    package static let terminationDelayVariable = "WEIR_TERMINATION_DELAY"
    /// A GET that the telemetry port answers only after the termination delay.
    package static let terminationDelayPath = "/termination-delay"

    static let lockFolder = "/run/weir"
    static let tokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount"
    static let podLabelsFile = "labels"
    /// In the folder of tokens where a proxy reads the served API. Nothing there is called `token`, which would be one
    /// for the API server.
    static let fanOutTokenFile = "fan-out-token"
    /// For whom tokens are made that open the served API, and nothing else.
    package static let fanOutAudience = "weir.dev/fan-out"
    /// Seconds; the kubelet renews the token before.
    static let tokenLifetime: Int64 = 3600

    /// User and group of the proxy.
    package static let proxyID: Int64 = 1337
    package static let telemetryPort: Int64 = 15020
    /// Admin, outbound door, inbound door, telemetry: a workload that listens there keeps the proxy from starting.
    static let proxyPorts: Set<Int64> = [15000, 15001, 15006, telemetryPort]
    /// Kubernetes' own default, in seconds.
    static let defaultGracePeriod: Int64 = 30
}
