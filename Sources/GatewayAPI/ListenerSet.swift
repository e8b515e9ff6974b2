/// `gateway.networking.k8s.io` ListenerSet: listeners that somebody adds to a Gateway. None of them is served, so no
/// more of it is read than whose they were to be.
package struct ListenerSet: Hashable, Sendable {
    package var key: ObjectKey
    package var generation: Int64
    /// Nil where it cannot be read.
    package var gateway: ObjectKey?

    package init(key: ObjectKey, generation: Int64 = 0, gateway: ObjectKey?) {
        self.key = key
        self.generation = generation
        self.gateway = gateway
    }
}
