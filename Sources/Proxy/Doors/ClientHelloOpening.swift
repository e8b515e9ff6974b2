/// The first bytes of a TLS connection: a handshake record (RFC 8446 section 5.1) that begins with a ClientHello
/// (section 4.1.2).
///
/// Every byte of it is looked at but those of the lengths, whose range is: what passes unread as TLS leaves no room for
/// a request that a lenient server could find in it.
enum ClientHelloOpening {
    /// Up to the client's version.
    static let length = 11
    /// A hello with one cipher suite, one compression method and no extension, RFC 5246 section 7.4.1.2.
    private static let shortestHello = 2 + 32 + 1 + 2 + 2 + 1 + 1
    private static let messageHeader = 4
    private static let longestRecord = 16_384

    /// Whether a connection with these first bytes, as far as they have come, may be one.
    static func isPossible(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for position in 0..<min(bytes.count, length) where !allows(bytes[position], at: position) { return false }
        if bytes.count >= 5, !(shortestHello + messageHeader...longestRecord).contains(number(bytes, at: 3)) {
            return false
        }
        return bytes.count < 9 || number(bytes, at: 7) >= shortestHello
    }

    /// Whether these are enough to say so; asked of what is possible.
    static func isWhole(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.count >= length }

    private static func allows(_ byte: UInt8, at position: Int) -> Bool {
        switch position {
        case 0: byte == 0x16  // handshake
        case 1, 9: byte == 3  // major version
        case 2: byte <= 4
        case 5: byte == 1  // ClientHello
        case 6: byte == 0  // a hello has 65,535 bytes at most
        case 10: byte <= 3
        default: true
        }
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        Int(bytes[position]) << 8 | Int(bytes[position + 1])
    }
}
