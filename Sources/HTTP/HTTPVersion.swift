/// The protocol version of a start line, RFC 9112 section 2.3: `HTTP/` DIGIT `.` DIGIT, eight bytes.
enum HTTPVersion {
    static let length = 8

    /// The minor version (0, or 1 for every later one) written in the eight bytes at `start`.
    @inline(__always)
    static func parse(_ bytes: Span<UInt8>, at start: Int) throws(Rejection) -> UInt8 {
        guard start >= 0, start &+ length <= bytes.count,
            Bytes.equal(bytes, start..<(start &+ 5), "HTTP/"), bytes[start &+ 6] == 0x2e
        else { throw .badVersion }
        let major = bytes[start &+ 5] &- 0x30
        let minor = bytes[start &+ 7] &- 0x30
        guard major < 10, minor < 10 else { throw .badVersion }
        guard major == 1 else { throw .unsupportedVersion }
        return minor == 0 ? 0 : 1
    }
}
