/// A kind of objects as the server serves it.
package struct ServedKind: Sendable {
    package var group: String
    /// The first one is the preferred one; none: the kind is not served (its CRD is not installed).
    package var versions: [String]
    package var plural: String
    package var kind: String
    package var isNamespaced: Bool
    /// Has a status that only `/status` changes.
    package var hasStatus: Bool
    /// Counts the changes of what is neither metadata nor status.
    package var hasGeneration: Bool
    /// An update must say which version it was made from.
    package var needsVersionOnUpdate: Bool
    /// Defined by a CRD: knows no strategic merge patch.
    package var isCustom: Bool

    package init(
        group: String = "", versions: [String] = ["v1"], plural: String, kind: String, isNamespaced: Bool = true,
        hasStatus: Bool = false, hasGeneration: Bool = false, needsVersionOnUpdate: Bool = false, isCustom: Bool = false
    ) {
        self.group = group
        self.versions = versions
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
        self.hasStatus = hasStatus
        self.hasGeneration = hasGeneration
        self.needsVersionOnUpdate = needsVersionOnUpdate
        self.isCustom = isCustom
    }

    /// As in messages: `httproutes.gateway.networking.k8s.io`, `services`.
    package var resource: String { group.isEmpty ? plural : "\(plural).\(group)" }

    func apiVersion(_ version: String) -> String { group.isEmpty ? version : "\(group)/\(version)" }

    /// A custom kind, with status and generation.
    package static func custom(
        _ group: String, _ versions: [String], _ plural: String, _ kind: String, isNamespaced: Bool = true
    )
        -> ServedKind
    {
        ServedKind(
            group: group, versions: versions, plural: plural, kind: kind, isNamespaced: isNamespaced, hasStatus: true,
            hasGeneration: true, needsVersionOnUpdate: true, isCustom: true)
    }
}

extension ServedKind {
    private static let gatewayGroup = "gateway.networking.k8s.io"

    /// What a cluster with the Gateway API installed serves, as far as the project uses it.
    package static let all: [ServedKind] = [
        ServedKind(plural: "namespaces", kind: "Namespace", isNamespaced: false, hasStatus: true),
        ServedKind(plural: "services", kind: "Service", hasStatus: true),
        ServedKind(plural: "secrets", kind: "Secret"),
        ServedKind(plural: "configmaps", kind: "ConfigMap"),
        ServedKind(plural: "serviceaccounts", kind: "ServiceAccount"),
        ServedKind(plural: "pods", kind: "Pod", hasStatus: true, hasGeneration: true),
        ServedKind(plural: "nodes", kind: "Node", isNamespaced: false, hasStatus: true),
        ServedKind(plural: "events", kind: "Event"),
        ServedKind(group: "events.k8s.io", plural: "events", kind: "Event"),
        ServedKind(group: "discovery.k8s.io", plural: "endpointslices", kind: "EndpointSlice", hasGeneration: true),
        ServedKind(group: "apps", plural: "deployments", kind: "Deployment", hasStatus: true, hasGeneration: true),
        ServedKind(group: "apps", plural: "daemonsets", kind: "DaemonSet", hasStatus: true, hasGeneration: true),
        ServedKind(
            group: "coordination.k8s.io", plural: "leases", kind: "Lease", needsVersionOnUpdate: true),
        ServedKind(group: "rbac.authorization.k8s.io", plural: "roles", kind: "Role"),
        ServedKind(group: "rbac.authorization.k8s.io", plural: "rolebindings", kind: "RoleBinding"),
        ServedKind(
            group: "rbac.authorization.k8s.io", plural: "clusterroles", kind: "ClusterRole", isNamespaced: false),
        ServedKind(
            group: "rbac.authorization.k8s.io", plural: "clusterrolebindings", kind: "ClusterRoleBinding",
            isNamespaced: false),
        ServedKind(group: "networking.k8s.io", plural: "networkpolicies", kind: "NetworkPolicy"),
        ServedKind(
            group: "policy", plural: "poddisruptionbudgets", kind: "PodDisruptionBudget", hasStatus: true,
            hasGeneration: true),
        ServedKind(
            group: "autoscaling", versions: ["v2"], plural: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler",
            hasStatus: true),
        ServedKind(
            group: "admissionregistration.k8s.io", plural: "mutatingwebhookconfigurations",
            kind: "MutatingWebhookConfiguration", isNamespaced: false, hasGeneration: true, needsVersionOnUpdate: true),
        ServedKind(
            group: "apiextensions.k8s.io", plural: "customresourcedefinitions", kind: "CustomResourceDefinition",
            isNamespaced: false, hasStatus: true, hasGeneration: true, needsVersionOnUpdate: true),
        custom(gatewayGroup, ["v1", "v1beta1"], "gatewayclasses", "GatewayClass", isNamespaced: false),
        custom(gatewayGroup, ["v1", "v1beta1"], "gateways", "Gateway"),
        custom(gatewayGroup, ["v1", "v1beta1"], "httproutes", "HTTPRoute"),
        ServedKind(
            group: gatewayGroup, versions: ["v1", "v1beta1"], plural: "referencegrants", kind: "ReferenceGrant",
            hasGeneration: true, needsVersionOnUpdate: true, isCustom: true),
        custom(gatewayGroup, ["v1", "v1alpha3"], "backendtlspolicies", "BackendTLSPolicy"),
        custom(gatewayGroup, ["v1"], "grpcroutes", "GRPCRoute"),
        custom(gatewayGroup, ["v1", "v1alpha3"], "tlsroutes", "TLSRoute"),
        custom(gatewayGroup, ["v1alpha2"], "tcproutes", "TCPRoute"),
        custom(gatewayGroup, ["v1alpha2"], "udproutes", "UDPRoute"),
        custom(gatewayGroup, ["v1"], "listenersets", "ListenerSet"),
        custom("gateway.networking.x-k8s.io", ["v1alpha1"], "xbackendtrafficpolicies", "XBackendTrafficPolicy"),
        custom("gateway.kgateway.dev", ["v1alpha1"], "backends", "Backend"),
    ]
}
