package import GatewayAPI

/// What a watch of one kind tells its owner, in this order: first every object (`changed`), then `synced`; after that
/// what changes. After a relist come the differences alone, then `synced` again.
package enum WatchEvent: Hashable, Sendable {
    /// The object as it is now, whole.
    case changed(Node)
    case removed(ObjectKey)
    /// Everything that was there has been told. Also said when a trouble is over and nothing was missed.
    case synced
    /// The server does not serve the kind (its CRD is not installed). What was known of it is gone; it is looked for
    /// again. Also said when a trouble in looking for it is over.
    case absent
    /// The server cannot be reached or refuses; what is known stays. Told once per kind of trouble.
    /// - Parameter outage: the reason without the kind where no answer came: it is that of every watch of the server.
    case interrupted(reason: String, outage: String? = nil)
}
