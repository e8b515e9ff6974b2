/// A policy for backends that is not served, and what it targets: BackendTLSPolicy, by which a backend is to be called
/// over TLS, and XBackendTrafficPolicy.
package struct UnservedPolicy: Hashable, Sendable {
    package struct Target: Hashable, Sendable {
        /// Empty for Services.
        package var group: String
        package var kind: String
        /// Of the policy's namespace. Empty where it cannot be read: any object of the kind may be meant.
        package var name: String
        /// The name of a Service's port; nil for all of its ports.
        package var sectionName: String?

        package init(group: String = "", kind: String = "Service", name: String, sectionName: String? = nil) {
            self.group = group
            self.kind = kind
            self.name = name
            self.sectionName = sectionName
        }
    }

    package var id: ResourceID
    package var generation: Int64
    package var targets: [Target]

    package init(id: ResourceID, generation: Int64 = 0, targets: [Target]) {
        self.id = id
        self.generation = generation
        self.targets = targets
    }
}
