/// What every Kubernetes object says of itself (`metadata`).
package struct ObjectMeta: Hashable, Sendable {
    package var key: ObjectKey
    package var labels: [String: String]
    package var annotations: [String: String]
    package var generation: Int64
    /// Seconds since 1970, nil when the object has no `creationTimestamp` (all such are of equal age).
    package var creationTimestamp: Int64?

    package init(
        key: ObjectKey, labels: [String: String] = [:], annotations: [String: String] = [:],
        creationTimestamp: Int64? = nil, generation: Int64 = 0
    ) {
        self.key = key
        self.labels = labels
        self.annotations = annotations
        self.creationTimestamp = creationTimestamp
        self.generation = generation
    }
}
