internal import GatewayAPI
internal import Kubernetes

/// The `spec` of a Lease (coordination.k8s.io/v1).
struct LeaseRecord: Hashable, Sendable {
    static let kind = APIKind(group: "coordination.k8s.io", versions: ["v1"], plural: "leases", kind: "Lease")

    /// Empty when nobody holds it.
    var holder: String
    var durationSeconds: Int64
    /// As written; only equality matters, since other machines' clocks cannot be trusted.
    var acquireTime: String
    var renewTime: String
    var transitions: Int64

    init(holder: String, durationSeconds: Int64, acquireTime: String, renewTime: String, transitions: Int64) {
        self.holder = holder
        self.durationSeconds = durationSeconds
        self.acquireTime = acquireTime
        self.renewTime = renewTime
        self.transitions = transitions
    }

    /// Fields that are missing or of another type count as not set.
    init(_ lease: Node) {
        let spec = lease["spec"]
        self.init(
            holder: spec?["holderIdentity"]?.stringValue ?? "",
            durationSeconds: spec?["leaseDurationSeconds"]?.integerValue ?? 0,
            acquireTime: spec?["acquireTime"]?.stringValue ?? "", renewTime: spec?["renewTime"]?.stringValue ?? "",
            transitions: spec?["leaseTransitions"]?.integerValue ?? 0)
    }

    /// The whole object.
    func lease(_ key: ObjectKey, resourceVersion: String?) -> Node {
        var metadata: Node = .mapping(["name": .string(key.name), "namespace": .string(key.namespace)])
        if let resourceVersion { metadata.set("resourceVersion", .string(resourceVersion)) }
        return .mapping([
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": .mapping([
                "holderIdentity": .string(holder),
                "leaseDurationSeconds": .integer(durationSeconds),
                "acquireTime": .string(acquireTime),
                "renewTime": .string(renewTime),
                "leaseTransitions": .integer(transitions),
            ]),
        ])
    }
}
