/// `gateway.networking.k8s.io` BackendTLSPolicy: what it targets is to be called over TLS. Weir calls nothing over TLS, so no more of it
/// is read than what must not be called.
package struct BackendTLSPolicy: Hashable, Sendable {
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

    package var key: ObjectKey
    package var targets: [Target]

    package init(key: ObjectKey, targets: [Target]) {
        self.key = key
        self.targets = targets
    }
}
