import GatewayAPI

/// `metadata.managedFields`: one entry for each manager, what it does (apply, or anything else) and where.
extension FieldOwners {
    /// nil when nobody owns anything.
    var entries: Node? {
        guard !claims.isEmpty else { return nil }
        let sorted = claims.sorted { left, right in
            (left.key.operation, left.value.stamp.time, left.key.name, left.key.subresource)
                < (right.key.operation, right.value.stamp.time, right.key.name, right.key.subresource)
        }
        return .sequence(sorted.map { Self.entry($0.key, $0.value) })
    }

    private static func entry(_ manager: Manager, _ claim: Claim) -> Node {
        var fields: Node = .mapping([:])
        for path in claim.fields.sorted(by: { $0.description < $1.description }) { fields.claim(path.steps[...]) }
        var node: Node = .mapping([
            "manager": .string(manager.name), "operation": .string(manager.operation),
            "apiVersion": .string(claim.stamp.apiVersion), "time": .string(claim.stamp.time),
            "fieldsType": "FieldsV1", "fieldsV1": fields,
        ])
        if !manager.subresource.isEmpty { node.set("subresource", .string(manager.subresource)) }
        return node
    }
}

extension FieldOwners.Manager {
    fileprivate var operation: String { isApplier ? "Apply" : "Update" }
}

extension Node {
    /// Puts a field into a `fieldsV1`; an item of a keyed list is there by a member of its own, beside those of its
    /// fields.
    fileprivate mutating func claim(_ steps: ArraySlice<FieldPath.Step>) {
        guard let step = steps.first else { return }
        update(step.fieldName) { member in
            if steps.count > 1 {
                member.claim(steps.dropFirst())
            } else if step.isItem {
                member.set(".", .mapping([:]))
            }
        }
    }
}

extension FieldPath.Step {
    /// `f:labels`, `k:{"port":80,"protocol":"TCP"}`.
    fileprivate var fieldName: String {
        switch self {
        case .member(let name): "f:\(name)"
        case .item(let keys): "k:{\(keys.map { "\"\($0.name)\":\($0.json)" }.joined(separator: ","))}"
        }
    }
}
