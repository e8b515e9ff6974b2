/// `host [":" port]` of Host and of absolute-form targets, RFC 9110 section 7.2 and RFC 3986 section 3.2.
///
/// Deviations: user information is refused (RFC 9110 section 4.2.4 allows that), and so are percent-encoded hosts, IPv6
/// zones, IPvFuture literals, and registered names that are no host names (RFC 1123 section 2.1, with underscores):
/// nothing is routed by them, and decoders disagree about them. An empty port is allowed, as the grammar has it.
package struct Authority: Sendable, Equatable {
    /// The host without the port; an IPv6 literal keeps its brackets.
    package var host: ByteRange
    /// The port, or 0 if none is written.
    package var port: UInt16
    package static let none = Authority(host: .empty, port: 0)

    /// Reads `bytes[range]`, which lies within `bytes`.
    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Rejection) -> Authority {
        guard !range.isEmpty else { throw .badHost }
        let hostEnd = bytes[range.lowerBound] == 0x5b ? try literalEnd(bytes, range) : try nameEnd(bytes, range)
        guard hostEnd > range.lowerBound else { throw .badHost }
        let host = ByteRange(from: range.lowerBound, to: hostEnd)
        guard hostEnd < range.upperBound else { return Authority(host: host, port: 0) }
        guard bytes[hostEnd] == Bytes.colon else { throw .badHost }
        return Authority(host: host, port: try port(bytes, (hostEnd &+ 1)..<range.upperBound))
    }

    /// Bytes of a name without the dot that may end it, and of a label (RFC 1035 section 2.3.4).
    private static let nameLimit = 253
    private static let labelLimit = 63

    /// The end of a host name or IPv4 address: labels of letters, digits, `-` and `_`.
    private static func nameEnd(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Rejection) -> Int {
        var index = range.lowerBound
        var label = 0
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == 0x2e {
                guard 1...labelLimit ~= label else { throw .badHost }
                label = 0
            } else if byte == 0x2d || byte == 0x5f || Bytes.spelling(byte) != 0x2d {
                label &+= 1
            } else {
                break
            }
            index &+= 1
        }
        let length = index &- range.lowerBound
        guard label <= labelLimit, length <= (label == 0 ? nameLimit &+ 1 : nameLimit) else { throw .badHost }
        return index
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
