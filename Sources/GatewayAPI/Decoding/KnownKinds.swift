/// The kinds of the API groups that Weir has to do with, those that no proxy reads among them: what is written for Weir
/// and not carried out has to be told.
enum KnownKinds {
    /// What is to be said about an object that no proxy reads; nil when it is nobody's business here.
    struct Verdict {
        var severity = Problem.Severity.error
        var id: ProblemID
        var field: String
        var value: String
        var message: String
    }

    private static let gatewayAPI = "gateway.networking.k8s.io"
    private static let experimental = "gateway.networking.x-k8s.io"
    private static let kgateway = "gateway.kgateway.dev"
    private static let own = "weir.dev"

    /// Kinds of each group that are known and not served, some of them because others need them.
    private static let unserved: [String: [String]] = [
        gatewayAPI: ["BackendLBPolicy"],
        experimental: ["XBackend", "XListenerSet", "XMesh"],
        kgateway: [
            "BackendConfigPolicy", "DirectResponse", "GatewayExtension", "GatewayParameters", "HTTPListenerPolicy",
            "ListenerPolicy", "TrafficPolicy",
        ],
        own: ["AccessPolicy", "AuthenticationPolicy", "TrafficPolicy"],
    ]

    /// Of Kubernetes' own groups, all that there are: the others of them concern no proxy.
    private static let foreign: [String: [String]] = [
        "": [
            "Binding", "ComponentStatus", "ConfigMap", "Endpoints", "Event", "LimitRange", "List", "Node",
            "PersistentVolume", "PersistentVolumeClaim", "Pod", "PodTemplate", "ReplicationController", "ResourceQuota",
            "ServiceAccount", "Status",
        ],
        "discovery.k8s.io": [],
    ]

    private static let groups = Set(unserved.keys).union(foreign.keys).union(["delegation.kgateway.dev"])

    /// - Parameters:
    ///   - group: of an object whose group and kind are not together those of a kind that is read.
    static func verdict(group: String, version: String, kind: String) -> Verdict? {
        let apiVersion = group.isEmpty ? version : "\(group)/\(version)"
        guard groups.contains(group) else { return strangeGroup(group, apiVersion, kind) }
        if unserved[group]?.contains(kind) ?? false {
            return Verdict(
                id: .unservedKind, field: "kind", value: kind,
                message: "is a kind of \(group) that this version does not serve; the object is not used")
        }
        if foreign[group]?.contains(kind) ?? false { return nil }
        if let home = home(of: kind, not: group) { return wrongGroup(home, apiVersion) }
        let candidates = kinds(of: group)
        return Verdict(
            id: .unknownKind, field: "kind", value: kind,
            message:
                "is no kind of \(group.isEmpty ? "v1" : group)\(Spelling.advice(for: kind, among: candidates)); "
                + "the object is not used")
    }

    private static func kinds(of group: String) -> [String] {
        ResourceKind.allCases.filter { $0.group == group }.map(\.rawValue) + (unserved[group] ?? [])
            + (foreign[group] ?? [])
    }

    /// Others have a Gateway, Service, Secret or Backend of their own; any other kind of ours, or a group that is
    /// nearly one of ours, is a slip.
    private static func strangeGroup(_ group: String, _ apiVersion: String, _ kind: String) -> Verdict? {
        if let meant = Spelling.nearest(to: group, among: groups.filter { !$0.isEmpty }.sorted()) {
            return Verdict(
                id: .unknownKind, field: "apiVersion", value: apiVersion,
                message: "is no group that is known here; \(meant) is; the object is not used")
        }
        guard let known = ResourceKind(rawValue: kind), known.isOurs || isKubernetes(group) else { return nil }
        return wrongGroup(known.apiVersion, apiVersion)
    }

    /// Groups of Kubernetes' own outside of its domain; `core` and `v1` are what the first of them is taken for.
    private static let undotted: Set<String> = [
        "", "core", "v1", "apps", "autoscaling", "batch", "extensions", "policy",
    ]

    /// Whether nobody but Kubernetes, the Gateway API included, has kinds in the group.
    static func isKubernetes(_ group: String) -> Bool { undotted.contains(group) || group.hasSuffix(".k8s.io") }

    /// The group, with the version where that is known, of a kind of the Gateway API or of ours that stands under
    /// another one.
    private static func home(of kind: String, not group: String) -> String? {
        if let known = ResourceKind(rawValue: kind), known.group != group { return known.apiVersion }
        return unserved.first { $0.key != group && $0.value.contains(kind) }?.key
    }

    private static func wrongGroup(_ home: String, _ apiVersion: String) -> Verdict {
        Verdict(
            id: .unknownKind, field: "apiVersion", value: apiVersion,
            message:
                "is not the group that this kind is read from (\(home) is); the object is not used")
    }
}
