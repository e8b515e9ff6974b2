/// What a non-blocking transfer did. EINTR never shows: it is retried where the call is made.
@frozen
package enum IOResult: Equatable, Sendable {
    /// So many bytes moved; 0 from a read is the peer's end of stream.
    case bytes(Int)
    case wouldBlock
    /// The socket is of no more use; the value is the `errno`.
    case failed(Int32)
}
