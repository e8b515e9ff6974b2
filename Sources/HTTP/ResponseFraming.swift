/// How a response's body is delimited, RFC 9112 section 6.3.
///
/// Deviations: Content-Length with Transfer-Encoding, a second Content-Length and a Transfer-Encoding other than one
/// `chunked` are refused (and become 502) instead of resolved.
enum ResponseFraming {
    @inline(__always)
    static func framing(
        _ bytes: Span<UInt8>, _ table: FieldTable, status: Int, method: HTTPMethod, versionMinor: UInt8
    ) throws(Rejection) -> BodyFraming {
        let declared = try RequestFraming.declared(bytes, table, versionMinor: versionMinor)
        if method == .head || hasNoBody(status) { return .none }
        return declared ?? .untilClose
    }

    /// Whether responses with this status end with their head whatever their fields say.
    @inline(__always)
    static func hasNoBody(_ status: Int) -> Bool { status < 200 || status == 204 || status == 304 }
}
