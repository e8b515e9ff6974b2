package import HTTP

/// Times (nanoseconds) and sizes of a client.
package struct HTTPClientLimits: Sendable {
    package static let second: UInt64 = 1_000_000_000

    /// A host name must be resolved within this time.
    package var lookupTimeout = 10 * second
    /// Resolved addresses are used this long before they are asked for again.
    package var addressLifetime = 30 * second
    /// One address must take a connection within this time.
    package var connectTimeout = 5 * second
    package var handshakeTimeout = 10 * second
    /// A connection that carries nothing is closed after this time.
    package var idleTimeout = 60 * second
    /// A server that has been silent for this long is asked whether it is still there; 0: never.
    package var keepalive = 10 * second
    /// A server that does not acknowledge, or does not take, what it is sent for this long is given up; 0: the kernel's
    /// own limit.
    package var userTimeout = 20 * second
    /// Requests under way at once, each on a connection of its own; further ones wait.
    package var connections = 64
    /// Requests that may wait for a connection.
    package var waiting = 4096
    /// Connections kept for reuse.
    package var idleConnections = 8
    /// Bytes of a response body that nobody streams.
    package var collectedBody = 64 << 20
    package var http = HTTP1Limits()

    package init() {}
}
