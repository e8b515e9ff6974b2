package import GatewayAPI

/// What endpoints are kept for.
package enum EndpointKey: Hashable, Sendable {
    /// A Service and its port number (the Service's, not the target's).
    case service(ObjectKey, port: UInt16)
    /// A `gateway.kgateway.dev` Backend.
    case backend(ObjectKey)

    var isBackend: Bool {
        if case .backend = self { true } else { false }
    }
}
