import GatewayAPI
import Kubernetes

/// One object in one of its versions in time; never changed.
final class StoredObject: Sendable {
    let key: ObjectKey
    let node: Node
    let resourceVersion: Int64
    let uid: String
    let labels: [String: String]
    /// Who set which fields.
    let owners: FieldOwners
    /// The object's text behind its `apiVersion`, which depends on the version that is asked for.
    private let tail: [UInt8]

    /// - Parameter node: complete, `resourceVersion` and `uid` included.
    init(_ node: Node, key: ObjectKey, resourceVersion: Int64, owners: FieldOwners) {
        self.node = node
        self.key = key
        self.resourceVersion = resourceVersion
        self.owners = owners
        uid = node.text("metadata", "uid") ?? ""
        labels = node["metadata"]?["labels"]?.textMembers ?? [:]
        var rest = node
        rest.set("apiVersion", nil)
        tail = Array(rest.json.dropFirst())
    }

    func json(apiVersion: String) -> [UInt8] { Array("{\"apiVersion\":\"\(apiVersion)\",".utf8) + tail }

    var isBeingDeleted: Bool { node["metadata"]?["deletionTimestamp"] != nil }

    /// The uids of `metadata.ownerReferences`.
    var ownerUIDs: [String] {
        (node["metadata"]?["ownerReferences"]?.elements ?? []).compactMap { $0.text("uid") }
    }
}
