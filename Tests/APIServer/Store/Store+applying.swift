import GatewayAPI

extension Store {
    /// Server-side apply: the applied fields are the manager's; fields it no longer applies and nobody else owns go
    /// away.
    mutating func apply(_ write: Write, _ patch: Node, isForced: Bool) throws(APIStatus) -> (StoredObject, isNew: Bool)
    {
        try Self.check(patch, write)
        if patch["metadata"]?["managedFields"] != nil { throw .badRequest("metadata.managedFields must be nil") }
        let old = object(write.kind, write.key)
        if old == nil {
            guard write.subresource.isEmpty else { throw .notFound(write.kind, write.key.name) }
            try checkNamespace(write)
            try checkRole(patch, write)
        }
        if let old { try Self.checkVersion(patch, old, write) }

        let manager = write.owner(isApplier: true)
        let before = old?.node ?? .mapping([:])
        var owners = old?.owners ?? FieldOwners()
        let wanted = Self.applicable(patch, write)
        let leaves = wanted.leaves()
        try Self.settle(leaves, of: wanted, over: before, &owners, manager, isForced)

        var node = before.applied(wanted)
        // Items before their members: an item goes as a whole, with what the server has filled in.
        let given = owners.fields(of: manager).subtracting(leaves)
        for field in given.sorted(by: { $0.steps.count < $1.steps.count })
        where owners.owners(of: field, besides: manager).isEmpty {
            // A field above an applied one, as an empty mapping that has members now, is no longer a leaf but still
            // there.
            if !leaves.contains(where: { $0.steps.starts(with: field.steps) }) { node.remove(at: field.steps[...]) }
        }
        owners.set(leaves, of: manager, isChange: !node.means(before), write.stamp)
        node.set("apiVersion", patch["apiVersion"])
        return (finish(write, node, old: old, owners, applied: true), old == nil)
    }

    /// What of a patch counts: the status alone at `/status`, everything else elsewhere; no identity.
    private static func applicable(_ patch: Node, _ write: Write) -> Node {
        let ownable = patch.ownable
        guard write.kind.hasStatus else { return ownable }
        return Node(.mapping(ownable.members.filter { ($0.key == "status") == (write.subresource == "status") }))
    }

    /// Fields that others own with another value are conflicts, or by force the manager's alone.
    private static func settle(
        _ leaves: Set<FieldPath>, of wanted: Node, over before: Node, _ owners: inout FieldOwners,
        _ manager: FieldOwners.Manager, _ isForced: Bool
    ) throws(APIStatus) {
        var conflicts: [(manager: String, field: String)] = []
        for field in leaves where !field.isItem {
            guard let was = before.value(at: field.steps[...]), let value = wanted.value(at: field.steps[...]),
                !was.means(value)
            else { continue }
            let others = owners.owners(of: field, besides: manager)
            conflicts += others.map { ($0.name, field.description) }
            if isForced { owners.remove(field, besides: manager) }
        }
        if !conflicts.isEmpty, !isForced { throw .applyConflict(conflicts.sorted { $0 < $1 }) }
    }
}

extension Node {
    /// Without the fields that nobody owns: identity, and what the server alone writes.
    var ownable: Node {
        var node = Node(.mapping(members.filter { !["apiVersion", "kind"].contains($0.key) }))
        let owned = ["labels", "annotations", "ownerReferences", "finalizers"]
        let metadata = (node["metadata"]?.members ?? []).filter { owned.contains($0.key) }
        node.set("metadata", metadata.isEmpty ? nil : Node(.mapping(metadata)))
        return node
    }
}
