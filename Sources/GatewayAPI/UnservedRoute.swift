/// A route that is not served, and what of it can still be read: where it wanted to attach. What it was to guard must
/// not be open for want of it.
package struct UnservedRoute: Hashable, Sendable {
    package var kind: ResourceKind
    package var metadata: ObjectMeta
    /// Where it wanted to attach, read with forbearance. An entry of which not even the name can be read names some
    /// Service of the route's namespace: its name is empty.
    package var parentRefs: [ParentReference]
    /// Those of a GRPCRoute that can be used, lower-cased.
    package var hostnames: [String]
    /// Why it is not served, as the rest of a sentence that begins with the object.
    package var reason: String

    package init(
        kind: ResourceKind, metadata: ObjectMeta, parentRefs: [ParentReference], hostnames: [String] = [],
        reason: String
    ) {
        self.kind = kind
        self.metadata = metadata
        self.parentRefs = parentRefs
        self.hostnames = hostnames
        self.reason = reason
    }

    package var id: ResourceID { ResourceID(kind: kind, key: metadata.key) }
}
