/// Why there is no response, or no whole one.
package struct HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The request cannot be sent as it is.
        case invalidRequest
        /// The host name has no address.
        case lookup
        /// No address took a connection, or the TLS handshake failed.
        case connect
        /// The connection ended before the response did.
        case closed
        case timedOut
        /// The response is not HTTP, or larger than allowed.
        case malformed
        /// Too many requests wait already.
        case overloaded
        /// The client was closed.
        case clientClosed
    }

    package var kind: Kind
    /// Which address and what happened.
    package var reason: String

    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    package var description: String { reason }
}
