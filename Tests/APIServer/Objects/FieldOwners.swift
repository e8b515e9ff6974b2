/// Who set which fields of an object, for server-side apply: leaves only.
struct FieldOwners: Sendable {
    /// A manager applies, or changes by other means: the two own apart, as on a real server.
    struct Manager: Hashable, Sendable {
        var name: String
        var isApplier: Bool
        /// `status`, or empty.
        var subresource: String
    }

    var fields: [Manager: Set<FieldPath>] = [:]

    /// Others than `manager` that own a field.
    func owners(of field: FieldPath, besides manager: Manager) -> [Manager] {
        fields.filter { $0.key != manager && $0.value.contains(field) }.map(\.key)
    }

    mutating func remove(_ field: FieldPath, besides manager: Manager) {
        for other in fields.keys where other != manager { fields[other]?.remove(field) }
    }

    /// A plain write changed these fields: they are the writer's alone now; what is gone is nobody's.
    mutating func take(_ changed: Set<FieldPath>, by manager: Manager, present: Set<FieldPath>) {
        for other in fields.keys { fields[other] = fields[other]?.subtracting(changed).intersection(present) }
        fields[manager, default: []].formUnion(changed.intersection(present))
        fields = fields.filter { !$0.value.isEmpty }
    }
}
