/// The status line, RFC 9112 section 4: `HTTP-version SP status-code SP [reason-phrase]`.
///
/// Deviation: the space before an empty reason may be missing, as many servers leave it out.
struct StatusLine {
    var status: Int
    var reason: ByteRange
    var versionMinor: UInt8

    /// Reads the line `bytes[start..<end]`, whose CR is at `end` and which holds no control byte but HT.
    @inline(__always)
    static func parse(_ bytes: Span<UInt8>, start: Int, end: Int) throws(Rejection) -> StatusLine {
        let codeStart = start &+ HTTPVersion.length &+ 1
        let codeEnd = codeStart &+ 3
        guard codeEnd <= end, bytes[codeStart &- 1] == Bytes.space else { throw .badStatusLine }
        let minor = try HTTPVersion.parse(bytes, at: start)
        var status = 0
        for index in codeStart..<codeEnd {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { throw .badStatusLine }
            status = status &* 10 &+ Int(digit)
        }
        guard status >= 100 else { throw .badStatusLine }
        guard codeEnd == end || bytes[codeEnd] == Bytes.space else { throw .badStatusLine }
        let reason = ByteRange(from: min(codeEnd &+ 1, end), to: end)
        return StatusLine(status: status, reason: reason, versionMinor: minor)
    }
}
