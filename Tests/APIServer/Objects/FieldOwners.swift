/// Who set which fields of an object, and when: leaves only.
struct FieldOwners: Sendable {
    /// A manager applies, or changes by other means: the two own apart, as on a real server.
    struct Manager: Hashable, Sendable {
        var name: String
        var isApplier: Bool
        /// `status`, or empty.
        var subresource: String
    }

    struct Claim: Sendable {
        var fields: Set<FieldPath> = []
        var stamp: Stamp
    }

    /// In which version of its kind, and when, a manager last changed what it owns.
    struct Stamp: Sendable {
        var apiVersion: String
        var time: String
    }

    private(set) var claims: [Manager: Claim] = [:]

    func fields(of manager: Manager) -> Set<FieldPath> { claims[manager]?.fields ?? [] }

    /// Others than `manager` that own a field.
    func owners(of field: FieldPath, besides manager: Manager) -> [Manager] {
        claims.filter { $0.key != manager && $0.value.fields.contains(field) }.map(\.key)
    }

    mutating func remove(_ field: FieldPath, besides manager: Manager) {
        for other in claims.keys where other != manager { claims[other]?.fields.remove(field) }
        claims = claims.filter { !$0.value.fields.isEmpty }
    }

    /// A plain write changed these fields: they are the writer's alone now; what is gone is nobody's.
    mutating func take(_ changed: Set<FieldPath>, by manager: Manager, present: Set<FieldPath>, _ stamp: Stamp) {
        for other in claims.keys {
            claims[other]?.fields.subtract(changed)
            claims[other]?.fields.formIntersection(present)
        }
        let taken = changed.intersection(present)
        if !taken.isEmpty {
            claims[manager, default: Claim(stamp: stamp)].fields.formUnion(taken)
            claims[manager]?.stamp = stamp
        }
        claims = claims.filter { !$0.value.fields.isEmpty }
    }

    /// An apply: the manager owns just these fields. The stamp of one that applies the same again stays, so that
    /// nothing changes.
    mutating func set(_ fields: Set<FieldPath>, of manager: Manager, isChange: Bool, _ stamp: Stamp) {
        let isNews =
            isChange || fields != self.fields(of: manager) || claims[manager]?.stamp.apiVersion != stamp.apiVersion
        guard isNews else { return }
        claims[manager] = fields.isEmpty ? nil : Claim(fields: fields, stamp: stamp)
    }
}
