import Foundation
import GatewayAPI

/// Who writes which object, and how.
struct Write {
    var kind: ServedKind
    var version: String
    var key: ObjectKey
    /// `status`, or empty.
    var subresource = ""
    var manager: String
    var isDryRun = false

    func owner(isApplier: Bool = false) -> FieldOwners.Manager {
        FieldOwners.Manager(name: manager, isApplier: isApplier, subresource: subresource)
    }

    var stamp: FieldOwners.Stamp { FieldOwners.Stamp(apiVersion: kind.apiVersion(version), time: Store.time(Date())) }
}

extension Store {
    /// POST.
    mutating func create(_ write: Write, _ node: Node) throws(APIStatus) -> StoredObject {
        var write = write
        var node = node
        try Self.check(node, write)
        write.key.name = try Self.name(of: &node, write)
        if node.text("metadata", "resourceVersion")?.isEmpty == false {
            throw APIStatus(
                code: 500, reason: "", message: "resourceVersion should not be set on objects to be created")
        }
        try checkNamespace(write)
        try checkRole(node, write)
        guard object(write.kind, write.key) == nil else { throw .alreadyExists(write.kind, write.key.name) }
        if write.kind.hasStatus { node.set("status", nil) }
        return finish(write, node, old: nil, FieldOwners())
    }

    /// PUT.
    mutating func update(_ write: Write, _ node: Node) throws(APIStatus) -> StoredObject {
        try Self.check(node, write)
        guard let old = object(write.kind, write.key) else { throw .notFound(write.kind, write.key.name) }
        let version = node.text("metadata", "resourceVersion") ?? ""
        if version.isEmpty, write.kind.needsVersionOnUpdate {
            throw .invalid(
                write.kind, write.key.name, field: "metadata.resourceVersion",
                "Invalid value: 0: must be specified for an update")
        }
        try Self.checkVersion(node, old, write)
        return finish(write, Self.respectingSubresource(node, old, write), old: old, old.owners)
    }

    /// PATCH, but for apply: `change` makes the new object of the old one.
    mutating func patch(_ write: Write, _ change: (Node) throws(APIStatus) -> Node) throws(APIStatus) -> StoredObject {
        guard let old = object(write.kind, write.key) else { throw .notFound(write.kind, write.key.name) }
        var current = old.node
        current.set("apiVersion", .string(write.kind.apiVersion(write.version)))
        let node = try change(current)
        try Self.check(node, write)
        try Self.checkVersion(node, old, write)
        return finish(write, Self.respectingSubresource(node, old, write), old: old, old.owners)
    }

    /// Completes, commits and cleans up after a write that is in order.
    mutating func finish(_ write: Write, _ node: Node, old: StoredObject?, _ owners: FieldOwners, applied: Bool = false)
        -> StoredObject
    {
        var node = Defaults.completed(node, write.kind, addresses: &addresses)
        complete(&node, write, old: old)
        var owners = owners
        if !applied {
            let before = old?.node.ownable.leaves() ?? []
            let after = node.ownable.leaves()
            let changed = after.filter { path in
                guard before.contains(path), !path.isItem else { return !before.contains(path) }
                guard let was = old?.node.value(at: path.steps[...]) else { return true }
                return !(node.value(at: path.steps[...])?.means(was) ?? false)
            }
            owners.take(changed, by: write.owner(), present: after, write.stamp)
        }
        node.update("metadata") { $0.set("managedFields", owners.entries) }
        guard !write.isDryRun else {
            return StoredObject(node, key: write.key, resourceVersion: old?.resourceVersion ?? 0, owners: owners)
        }
        let new = commit(write.kind, write.key, node, owners)
        if new.isBeingDeleted, Self.finalizers(new).isEmpty {
            delete(write.kind, new)
        } else if hasLostItsOwners(new) {
            delete(write.kind, new)
        }
        return new
    }

    /// What the server alone decides: identity, age, generation, deletion.
    private func complete(_ node: inout Node, _ write: Write, old: StoredObject?) {
        let before = old?.node["metadata"]
        let isChanged = old.map { !node.withoutMetadataAndStatus.means($0.node.withoutMetadataAndStatus) } ?? true
        let generation = (before?["generation"]?.integerValue ?? 0) + (isChanged ? 1 : 0)
        node.set("apiVersion", .string(write.kind.apiVersion(write.kind.versions.first ?? write.version)))
        node.set("kind", .string(write.kind.kind))
        node.update("metadata") { metadata in
            metadata.set("name", .string(write.key.name))
            metadata.set("namespace", write.kind.isNamespaced ? .string(write.key.namespace) : nil)
            metadata.set("uid", before?["uid"] ?? .string(UUID().uuidString.lowercased()))
            metadata.set("resourceVersion", before?["resourceVersion"])
            metadata.set("creationTimestamp", before?["creationTimestamp"] ?? .string(Self.time(Date())))
            metadata.set("generation", write.kind.hasGeneration ? .integer(generation) : nil)
            metadata.set("deletionTimestamp", before?["deletionTimestamp"])
            metadata.set("deletionGracePeriodSeconds", before?["deletionGracePeriodSeconds"])
            metadata.set("managedFields", nil)
            for name in ["labels", "annotations", "ownerReferences", "finalizers"] {
                if let member = metadata[name], member.members.isEmpty, member.elements.isEmpty {
                    metadata.set(name, nil)
                }
            }
        }
        if write.kind.plural == "namespaces", write.kind.group.isEmpty {
            node.update("metadata") { metadata in
                metadata.update("labels") { $0.set("kubernetes.io/metadata.name", .string(write.key.name)) }
            }
        }
    }

    static func time(_ date: Date) -> String { date.formatted(.iso8601) }

    static func finalizers(_ object: StoredObject) -> [Node] { object.node["metadata"]?["finalizers"]?.elements ?? [] }
}
