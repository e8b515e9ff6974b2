/// Where a message's body ends, RFC 9112 section 6.3.
package enum BodyFraming: Sendable, Equatable {
    case none
    /// So many bytes follow; 0 when Content-Length said so.
    case length(UInt64)
    case chunked
    /// All bytes until the connection closes; responses only.
    case untilClose
}
