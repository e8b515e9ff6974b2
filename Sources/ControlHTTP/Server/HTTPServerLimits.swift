internal import HTTP

/// Times (nanoseconds) and sizes of a server. The defaults suit a port that answers probes and scrapes.
package struct HTTPServerLimits: Sendable {
    package static let second: UInt64 = 1_000_000_000

    /// Connections at once. One more takes the place of the one that has been idle longest; when none is, see
    /// `sharesConnections`.
    package var connections = 64
    /// When no connection is idle, one more takes the place of the oldest of the host that has the most, so that one
    /// host cannot keep the others out; it is closed when its own host has as many. Otherwise it is closed in any case.
    /// Looks at every connection each time, so it is for hundreds of them.
    package var sharesConnections = true
    package var headBytes = 8 << 10
    /// A longer body is answered with 413.
    package var bodyBytes = 64 << 10
    /// Bytes of requests held at once, of all connections: what is read of unfinished ones, and bodies until they are
    /// answered. Beyond it the oldest unfinished requests are answered 503, and whoever sends more when there are none.
    package var heldBytes = 8 << 20
    package var handshakeTimeout = 10 * second
    /// A head must be complete this long after its first byte (408).
    package var headTimeout = 10 * second
    /// A body must be complete this long after its head (408).
    package var bodyTimeout = 30 * second
    /// A connection may wait for its next request this long.
    package var idleTimeout = 60 * second
    /// A peer that takes less than `leastTaken` of what waits for it is cut off after this time.
    package var writeTimeout = 10 * second
    /// Bytes; a byte now and then would hold a connection for ever.
    package var leastTaken = 4 << 10
    /// After an answer that ends the connection, what the peer still sends is read and dropped for this long, so that
    /// no reset overtakes the answer.
    package var lingerTimeout = 1 * second
    /// Bytes that may wait in a stream that goes on; one that would have more is cut off.
    package var streamBytes = 1 << 20

    package init() {}

    var http: HTTP1Limits {
        var limits = HTTP1Limits()
        limits.headBytes = headBytes
        return limits
    }
}
