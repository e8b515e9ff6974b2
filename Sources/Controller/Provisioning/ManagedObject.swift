package import GatewayAPI
package import Kubernetes

/// One object of the cluster, of whatever kind.
package struct ManagedID: Hashable, Sendable, CustomStringConvertible {
    package var kind: APIKind
    package var key: ObjectKey

    package init(kind: APIKind, key: ObjectKey) {
        self.kind = kind
        self.key = key
    }

    package var description: String { "\(kind.kind) \(key)" }
    /// The object's own path, in the kind's best version.
    var path: String { kind.path(version: kind.versions[0], namespace: key.namespace, name: key.name) }

    /// What has to be there, and be ours, before this one is written: the server takes a binding only to a Role that it
    /// knows.
    var prerequisite: ManagedID? {
        kind == ManagedKinds.roleBinding ? ManagedID(kind: ManagedKinds.role, key: key) : nil
    }

    /// What waits for this one.
    var dependent: ManagedID? {
        kind == ManagedKinds.role ? ManagedID(kind: ManagedKinds.roleBinding, key: key) : nil
    }
}

/// An object that the controller wants to be there, with the fields that it decides; all others are left to the server
/// and to users.
package struct ManagedObject: Hashable, Sendable {
    package var id: ManagedID
    /// The Gateway it serves.
    package var gateway: ObjectKey
    package var content: Node
    /// Of the content, as the object's annotation says it.
    package var hash: String

    init(kind: APIKind, key: ObjectKey, gateway: ObjectKey, content: Node) {
        id = ManagedID(kind: kind, key: key)
        self.gateway = gateway
        self.content = content
        hash = StableHash(content.json).text
        self.content.update("metadata") { metadata in
            metadata.update("annotations") { $0.set(ManagedMark.hash, .string(hash)) }
        }
    }
}

/// What the controller's objects are known by.
enum ManagedMark {
    static let manager = "weir-controller"
    static let managedBy = "app.kubernetes.io/managed-by"
    static let selector = "\(managedBy)=\(manager)"
    /// Annotation: `namespace/name` of the Gateway, whole, where the label may be shortened.
    static let gateway = "weir.dev/gateway"
    /// Annotation: hash of what was applied, so that a field that is no longer wanted is noticed after a restart.
    static let hash = "weir.dev/applied-hash"
}

/// The kinds that a Gateway is served with.
package enum ManagedKinds {
    package static let deployment = APIKind(group: "apps", versions: ["v1"], plural: "deployments", kind: "Deployment")
    package static let daemonSet = APIKind(group: "apps", versions: ["v1"], plural: "daemonsets", kind: "DaemonSet")
    package static let service = APIKind(group: "", versions: ["v1"], plural: "services", kind: "Service")
    package static let serviceAccount = APIKind(
        group: "", versions: ["v1"], plural: "serviceaccounts", kind: "ServiceAccount")
    package static let role = APIKind(
        group: "rbac.authorization.k8s.io", versions: ["v1"], plural: "roles", kind: "Role")
    package static let roleBinding = APIKind(
        group: "rbac.authorization.k8s.io", versions: ["v1"], plural: "rolebindings", kind: "RoleBinding")
    package static let disruptionBudget = APIKind(
        group: "policy", versions: ["v1"], plural: "poddisruptionbudgets", kind: "PodDisruptionBudget")
    package static let autoscaler = APIKind(
        group: "autoscaling", versions: ["v2"], plural: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler")

    /// In the order in which they are made: a pod needs its account and its permissions before it starts.
    package static let all = [
        serviceAccount, role, roleBinding, service, deployment, daemonSet, disruptionBudget, autoscaler,
    ]

    static func isWorkload(_ kind: APIKind) -> Bool { kind == deployment || kind == daemonSet }
}
