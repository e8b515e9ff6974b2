/// The request line, RFC 9112 section 3: `method SP request-target SP HTTP-version`, with exactly one space each time.
struct RequestLine {
    var method: HTTPMethod
    var methodRange: ByteRange
    var targetRange: ByteRange
    var target: RequestTarget
    var versionMinor: UInt8

    /// Reads the line `bytes[start..<end]`, whose CR is at `end`.
    @inline(__always)
    static func parse(_ bytes: Span<UInt8>, start: Int, end: Int, targetLimit: Int) throws(Rejection) -> RequestLine {
        let methodEnd = Token.end(bytes, from: start, limit: end)
        guard methodEnd > start, methodEnd < end, bytes[methodEnd] == Bytes.space else { throw .badMethod }
        let targetEnd = end &- HTTPVersion.length &- 1
        guard targetEnd > methodEnd, bytes[targetEnd] == Bytes.space else { throw .badVersion }
        let minor = try HTTPVersion.parse(bytes, at: targetEnd &+ 1)
        let method = HTTPMethod.named(bytes, start..<methodEnd)
        if method == .connect { throw .connectNotSupported }
        let range = (methodEnd &+ 1)..<targetEnd.clamped(from: methodEnd &+ 1)
        guard range.count <= targetLimit else { throw .targetTooLong }
        return RequestLine(
            method: method, methodRange: ByteRange(from: start, to: methodEnd),
            targetRange: ByteRange(from: range.lowerBound, to: range.upperBound),
            target: try RequestTarget.parse(bytes, range, method: method), versionMinor: minor)
    }
}

extension Int {
    /// Itself, or `lower` if that is more.
    fileprivate func clamped(from lower: Int) -> Int { Swift.max(self, lower) }
}
