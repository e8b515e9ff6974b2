/// The text form of an IPv6 address, RFC 3986 section 3.2.2 (and RFC 4291 section 2.2).
enum IPv6Literal {
    private static let groups = 8

    /// Whether `bytes[range]`, without brackets, is an address: eight groups of up to four hexadecimal digits, one run
    /// of them replaced by `::`, the last two perhaps written as an IPv4 address.
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        let end = range.upperBound
        var count = 0
        var compressed = false
        guard end &- index >= 2 else { return false }
        if bytes[index] == Bytes.colon {
            guard bytes[index &+ 1] == Bytes.colon else { return false }
            compressed = true
            index &+= 2
        }
        while index < end {
            let groupStart = index
            while index < end, isHexDigit(bytes[index]) { index &+= 1 }
            if index < end, bytes[index] == 0x2e {
                guard isIPv4(bytes, groupStart..<end) else { return false }
                count &+= 2
                break
            }
            guard 1...4 ~= index &- groupStart else { return false }
            count &+= 1
            guard index < end else { break }
            guard bytes[index] == Bytes.colon else { return false }
            index &+= 1
            guard index < end else { return false }
            if bytes[index] == Bytes.colon {
                guard !compressed else { return false }
                compressed = true
                index &+= 1
            }
        }
        return compressed ? count < groups : count == groups
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool { HexDigit.value(byte) < 16 }

    static func isIPv4(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var parts = 1
        var digits = 0
        var value = 0
        for index in range {
            let byte = bytes[index]
            if byte == 0x2e {
                guard digits > 0 else { return false }
                parts &+= 1
                digits = 0
                value = 0
            } else {
                guard byte &- 0x30 < 10 else { return false }
                digits &+= 1
                value = value &* 10 &+ Int(byte &- 0x30)
                guard digits <= 3, value <= 255 else { return false }
            }
        }
        return parts == 4 && digits > 0
    }
}
