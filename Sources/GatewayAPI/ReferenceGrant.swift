/// `gateway.networking.k8s.io` ReferenceGrant: lives in the target's namespace and permits references into it.
package struct ReferenceGrant: Hashable, Sendable {
    package struct From: Hashable, Sendable {
        package var group: String
        package var kind: String
        package var namespace: String

        package init(group: String, kind: String, namespace: String) {
            self.group = group
            self.kind = kind
            self.namespace = namespace
        }
    }

    package struct To: Hashable, Sendable {
        package var group: String
        package var kind: String
        /// nil permits every object of the kind.
        package var name: String?

        package init(group: String, kind: String, name: String? = nil) {
            self.group = group
            self.kind = kind
            self.name = name
        }
    }

    package var metadata: ObjectMeta
    package var from: [From]
    package var to: [To]

    package init(metadata: ObjectMeta, from: [From], to: [To]) {
        self.metadata = metadata
        self.from = from
        self.to = to
    }
}

extension ReferenceGrant {
    /// Whether this grant lets Gateway API objects of one kind and namespace refer to the target: it lies in the
    /// target's namespace, and one entry of each of its lists fits (Gateway API, ReferenceGrant: grants add up, nothing
    /// takes away).
    package func permits(
        fromKind: String, in namespace: String, toGroup group: String, kind: String, target: ObjectKey
    ) -> Bool {
        metadata.key.namespace == target.namespace
            && from.contains {
                $0.group == ResourceKind.referenceGrant.group && $0.kind == fromKind && $0.namespace == namespace
            }
            && to.contains { $0.group == group && $0.kind == kind && ($0.name ?? target.name) == target.name }
    }
}
