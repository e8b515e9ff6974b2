internal import GatewayAPI

/// Giving up the number of a workload's replicas without changing it.
///
/// A field that its last owner no longer applies is gone, and a Deployment without `replicas` has one: a gateway of ten
/// pods would be one pod until an autoscaler sees it. So somebody else owns the number before we leave it out; whoever
/// changes it next, an autoscaler or `kubectl scale`, takes it over.
enum ReplicasHandover {
    static let manager = "\(ManagedMark.manager)-replicas"

    /// The number, when it stands there by our apply.
    static func ownedReplicas(of object: Node) -> Int64? {
        let isOurs = (object["metadata"]?["managedFields"]?.elements ?? []).contains {
            $0["manager"]?.stringValue == ManagedMark.manager && $0["operation"]?.stringValue == "Apply"
                && $0["fieldsV1"]?["f:spec"]?["f:replicas"] != nil
        }
        return isOurs ? object["spec"]?["replicas"]?.integerValue : nil
    }

    static func content(_ replicas: Int64, of object: ManagedObject) -> Node {
        var metadata = Node.mapping([:])
        metadata.set("name", .string(object.id.key.name))
        metadata.set("namespace", .string(object.id.key.namespace))
        var content = Node.mapping(["metadata": metadata, "spec": .mapping(["replicas": .integer(replicas)])])
        for key in ["apiVersion", "kind"] { content.set(key, object.content[key]) }
        return content
    }
}
