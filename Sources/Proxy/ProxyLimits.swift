package import HTTP

/// Times and sizes of the data path. Every one is a flag of the same name; the defaults are here and nowhere else.
package struct ProxyLimits: Sendable {
    package static let second: UInt64 = 1_000_000_000
    package static let millisecond: UInt64 = 1_000_000
    /// Interim responses (1xx) to one request; an endpoint that sends more is broken (502).
    package static let interimResponses = 64

    /// A request's head must be complete this long after its first byte (408).
    package var headTimeout = 10 * second
    /// A client's first byte must come this long after its connection was accepted, or its TLS handshake was complete.
    package var firstByteTimeout = 10 * second
    /// A TLS handshake must be complete this long after its connection was accepted.
    package var handshakeTimeout = 10 * second
    /// A body that is being sent may be silent for this long, in either direction.
    package var bodyIdleTimeout = 60 * second
    /// Bytes a second of a request's body of known length, and of an answer that its client lets wait, on average over
    /// any `bodyIdleTimeout`; 0 is no least rate.
    package var bodyLeastRate: UInt64 = 240
    /// A client's connection may be idle between requests for this long.
    package var clientIdleTimeout = 300 * second
    /// A pooled connection to an endpoint may be idle for this long.
    package var upstreamIdleTimeout = 60 * second
    /// An endpoint must accept a connection within this time.
    package var connectTimeout = 2 * second
    /// How long a connection to an endpoint is waited for before another endpoint is tried beside it.
    package var connectHeadStart = 250 * millisecond
    /// What was sent to an endpoint must be acknowledged within this time, else a request that may be sent again goes
    /// to another; one that may not waits five times as long. 0: it is left to the kernel.
    package var upstreamAckTimeout = 2 * second
    /// How long a request waits for a Service's endpoints to be read, when its pod calls the Service for the first
    /// time; then it goes to the Service's ClusterIP.
    package var discoveryWait = 2 * second
    /// An opaque or upgraded connection may be silent in both directions for this long.
    package var tunnelIdleTimeout = 3600 * second
    /// How long a client that says nothing is waited for where nothing declares the protocol.
    package var detectionWait = 250 * millisecond
    /// After an answer that ends the connection, how long its unread rest is read and dropped, so that no reset
    /// overtakes the answer.
    package var lingerTimeout = 2 * second
    /// Bytes of the client's that are read and dropped while lingering.
    package var lingerBytes = 1 << 20
    /// Connections of clients that one worker holds at each door, and as many to endpoints. Further clients wait.
    package var connectionsPerWorker = 65_536
    /// Connections of one worker altogether: what the descriptors suffice for.
    package var descriptorsPerWorker = Int.max
    /// A connection that has been of no use for less than this is not ended to make room for another.
    package var evictionGrace = second
    /// Bytes that wait in one worker.
    package var buffers = BufferBudget(limit: Int(BufferBudget.withoutLimit))
    /// Bytes that wait in the process; 0: a part of its memory.
    package var bufferedBytes: UInt64 = 0
    /// An endpoint that has been silent for this long is asked whether it is still there; 0: never.
    package var upstreamKeepalive = 5 * second
    /// Likewise a client.
    package var clientKeepalive = 30 * second
    /// Idle connections kept per endpoint and worker.
    package var idlePerEndpoint = 1024
    /// Bytes of a request's body (413); 0 is no limit: bodies stream, and cost no more memory when they are long.
    package var bodyBytes: UInt64 = 0
    package var http = HTTP1Limits()

    package init() {}
}
