package import GatewayAPI

/// How a Gateway is to be run: what the ConfigMaps say that `parametersRef` of the GatewayClass and of the Gateway
/// name.
package struct GatewayParameters: Hashable, Sendable {
    package enum Workload: String, Sendable, CaseIterable {
        case deployment = "Deployment"
        case daemonSet = "DaemonSet"
    }

    package enum ServiceType: String, Sendable, CaseIterable {
        case loadBalancer = "LoadBalancer"
        case nodePort = "NodePort"
        case clusterIP = "ClusterIP"
    }

    package struct Autoscaling: Hashable, Sendable {
        package var minimum: Int64
        package var maximum: Int64
        /// Percent of the requested CPU.
        package var targetCPU: Int64
    }

    package var workload = Workload.deployment
    /// nil leaves it to the server's default, to `kubectl scale` and to autoscalers.
    package var replicas: Int64?
    package var autoscaling: Autoscaling?
    /// A number or a percentage: makes a PodDisruptionBudget.
    package var minAvailable: Node?

    package var image: String?
    package var imagePullPolicy: String?
    package var imagePullSecrets: [String] = []
    package var resources: Node = .mapping([
        "requests": .mapping(["cpu": "100m", "memory": "64Mi"])
    ])
    package var nodeSelector: Node?
    package var tolerations: Node?
    package var affinity: Node?
    /// nil: spread over nodes as far as possible.
    package var topologySpreadConstraints: Node?
    package var priorityClassName: String?
    package var podAnnotations: [String: String] = [:]

    package var workers: Int64?
    package var logLevel: String?
    package var accessLog: String?
    package var accessLogFormat: String?
    package var trustForwardedFrom: String?
    package var allowsUnderscores = false
    package var drainMilliseconds: UInt64 = 30_000

    package var serviceType = ServiceType.loadBalancer
    package var externalTrafficPolicy: String?
    package var loadBalancerClass: String?
    package var loadBalancerSourceRanges: [String] = []
    package var serviceAnnotations: [String: String] = [:]

    package init() {}

    /// The kubelet waits longer than the proxy drains.
    var terminationGraceSeconds: Int64 { Int64((drainMilliseconds + 999) / 1000) + 15 }
}
