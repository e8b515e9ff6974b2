/// What a step of the handshake came to.
package enum TLSProgress: Sendable {
    case done
    /// Call again when the socket can be read.
    case wantRead
    /// Call again when the socket can be written.
    case wantWrite
    case failed(TLSError)
}

/// What a read or a write came to.
package enum TLSResult: Sendable {
    /// So many bytes were moved; a read of 0 is the peer's orderly end (close_notify).
    case bytes(Int)
    /// Nothing was moved; call again when the socket can be read.
    case wantRead
    /// Nothing was moved; call again when the socket can be written.
    case wantWrite
    /// The session is of no more use. An end without close_notify is a failure: what came before it may have been cut.
    case failed(TLSError)
}
