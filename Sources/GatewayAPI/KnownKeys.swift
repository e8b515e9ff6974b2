/// The labels and annotations of the prefixes that Weir reads: everything else of these prefixes has no effect, and is
/// told.
///
/// docs/annotations.md is the same for people.
package enum KnownKeys {
    package enum Place: String, Sendable {
        case label = "labels"
        case annotation = "annotations"
    }

    struct Key: Sendable {
        var name: String
        var place: Place
        /// Kinds of objects; `Pod` is the template of a workload as well.
        var kinds: [String]
        /// nil: whoever reads it judges its value, as injection does that of every key of pods.
        var values: [String]?
        /// What others read, and Weir does not.
        var isUnserved = false
    }

    /// Domains before the slash.
    static let domains = ["weir.dev", "delegation.kgateway.dev", "kgateway.dev"]

    private static let switches = ["enabled", "disabled"]
    private static let yesOrNo = ["true", "yes", "enabled", "false", "no", "disabled"]
    private static let route = ["HTTPRoute"]
    private static let pod = ["Pod"]
    /// What the controller writes on what it makes.
    private static let made = [
        "Deployment", "Service", "ServiceAccount", "Role", "RoleBinding", "PodDisruptionBudget",
        "HorizontalPodAutoscaler",
        "ConfigMap", "Secret", "Pod",
    ]
    /// Judged where they are read: by the webhook and `weir inject`.
    private static let podAnnotations = [
        "sidecar", "proxy-image", "proxy-cpu-request", "proxy-cpu-limit", "proxy-memory-request", "proxy-memory-limit",
        "proxy-workers", "log-level", "access-log", "drain-timeout", "termination-delay", "rewrite-probes",
        "exclude-inbound-ports", "exclude-outbound-ports", "exclude-outbound-cidrs", "status",
    ]

    static let all: [Key] =
        [
            Key(name: "weir.dev/inject", place: .label, kinds: ["Namespace", "Pod"], values: switches),
            Key(name: "weir.dev/inject", place: .annotation, kinds: pod, values: switches),
            Key(name: "weir.dev/proxy", place: .label, kinds: made),
            Key(name: "weir.dev/gateway", place: .label, kinds: made),
            Key(name: "weir.dev/gateway", place: .annotation, kinds: made),
            Key(name: "weir.dev/applied-hash", place: .annotation, kinds: made),
            Key(name: "weir.dev/route-enforcement", place: .annotation, kinds: ["Service"]),
            Key(name: "weir.dev/path-parameters", place: .annotation, kinds: ["Gateway", "Service"]),
            Key(name: "weir.dev/encoded-slashes", place: .annotation, kinds: ["Gateway", "Service"]),
            Key(name: "weir.dev/hostnames", place: .annotation, kinds: ["Gateway"]),
            Key(name: "delegation.kgateway.dev/label", place: .label, kinds: route),
            Key(
                name: "delegation.kgateway.dev/inherit-parent-matcher", place: .annotation, kinds: route,
                values: yesOrNo),
            Key(
                name: "delegation.kgateway.dev/inherited-policy-priority", place: .annotation, kinds: route,
                isUnserved: true),
            Key(name: "kgateway.dev/inherited-policy-priority", place: .annotation, kinds: route, isUnserved: true),
            Key(name: "kgateway.dev/route-weight", place: .annotation, kinds: route, isUnserved: true),
        ] + podAnnotations.map { Key(name: "weir.dev/\($0)", place: .annotation, kinds: pod) }

    /// Whether something of Weir's reads it on objects of the kind.
    package static func isKnown(_ name: String, _ place: Place, on kind: String) -> Bool {
        all.contains { $0.name == name && $0.place == place && $0.kinds.contains(kind) }
    }
}
