/// A request method, RFC 9110 section 9. Methods are case-sensitive; what is not listed is `.other` and passes through
/// by its bytes.
package enum HTTPMethod: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    case get, head, post, put, delete, connect, options, trace, patch, other

    /// The method's token; empty for `.other`.
    package var token: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        case .other: ""
        }
    }

    /// Whether repeating the request has the effect of sending it once, RFC 9110 section 9.2.2.
    @inlinable package var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options, .trace: true
        case .post, .connect, .patch, .other: false
        }
    }

    /// The method whose token is `bytes[range]`.
    static func named(_ bytes: Span<UInt8>, _ range: Range<Int>) -> HTTPMethod {
        switch range.count {
        case 3:
            if Bytes.equal(bytes, range, "GET") { return .get }
            if Bytes.equal(bytes, range, "PUT") { return .put }
        case 4:
            if Bytes.equal(bytes, range, "POST") { return .post }
            if Bytes.equal(bytes, range, "HEAD") { return .head }
        case 5:
            if Bytes.equal(bytes, range, "PATCH") { return .patch }
            if Bytes.equal(bytes, range, "TRACE") { return .trace }
        case 6:
            if Bytes.equal(bytes, range, "DELETE") { return .delete }
        case 7:
            if Bytes.equal(bytes, range, "OPTIONS") { return .options }
            if Bytes.equal(bytes, range, "CONNECT") { return .connect }
        default: break
        }
        return .other
    }
}
