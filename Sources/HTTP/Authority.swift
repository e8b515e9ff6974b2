/// `host [":" port]` of Host and of absolute-form targets, RFC 9110 section 7.2 and RFC 3986 section 3.2.
///
/// Deviations: user information is refused (RFC 9110 section 4.2.4 allows that), and so are percent-encoded hosts, IPv6 zones and
/// IPvFuture literals: nothing is routed by them, and decoders disagree about them. An empty port is allowed, as the grammar has it.
package struct Authority: Sendable, Equatable {
    /// The host without the port; an IPv6 literal keeps its brackets.
    package var host: ByteRange
    /// The port, or 0 if none is written.
    package var port: UInt16
    package static let none = Authority(host: .empty, port: 0)

    /// Reads `bytes[range]`, which lies within `bytes`.
    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Rejection) -> Authority {
        guard !range.isEmpty else { throw .badHost }
        let hostEnd = bytes[range.lowerBound] == 0x5b ? try literalEnd(bytes, range) : nameEnd(bytes, range)
        guard hostEnd > range.lowerBound else { throw .badHost }
        let host = ByteRange(from: range.lowerBound, to: hostEnd)
        guard hostEnd < range.upperBound else { return Authority(host: host, port: 0) }
        guard bytes[hostEnd] == Bytes.colon else { throw .badHost }
        return Authority(host: host, port: try port(bytes, (hostEnd &+ 1)..<range.upperBound))
    }

    /// The end of a registered name or IPv4 address: unreserved bytes and sub-delims.
    private static func nameEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, isNameByte(bytes[index]) { index &+= 1 }
        return index
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7a, 0x41...0x5a, 0x30...0x39, 0x2d, 0x2e, 0x5f, 0x7e: true  // a-z A-Z 0-9 - . _ ~
        case 0x21, 0x24, 0x26...0x2c, 0x3b, 0x3d: true  // ! $ & ' ( ) * + , ; =
        default: false
        }
    }

    /// The offset after the `]` of an IPv6 literal.
    private static func literalEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Rejection) -> Int {
        var index = range.lowerBound &+ 1
        while index < range.upperBound, bytes[index] != 0x5d { index &+= 1 }
        guard index < range.upperBound, IPv6Literal.isValid(bytes, (range.lowerBound &+ 1)..<index) else {
            throw .badHost
        }
        return index &+ 1
    }

    private static func port(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Rejection) -> UInt16 {
        guard range.count <= 5 else { throw .badHost }
        var value = 0
        for index in range {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { throw .badHost }
            value = value &* 10 &+ Int(digit)
        }
        guard let port = UInt16(exactly: value) else { throw .badHost }
        return port
    }
}
