/// Base64 (RFC 4648, section 4), read strictly: the standard alphabet, padding, no other characters, no stray bits.
package enum Base64 {
    /// nil when the text is not exactly what an encoder would have written.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let count = text.utf8.count
        guard count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count / 4 * 3)
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") {
                padding += 1
                group <<= 6
            } else {
                // Padding ends the text.
                guard padding == 0, let value = value(of: byte) else { return nil }
                group = group << 6 | UInt32(value)
            }
            digits += 1
            guard digits == 4 else { continue }
            guard append(group, padding: padding, to: &bytes) else { return nil }
            (group, digits) = (0, 0)
        }
        return bytes
    }

    /// False when bits that no byte uses are set (RFC 4648, section 3.5), or too much is padding.
    private static func append(_ group: UInt32, padding: Int, to bytes: inout [UInt8]) -> Bool {
        let unused: UInt32
        switch padding {
        case 0: unused = 0
        case 1: unused = 0xff
        case 2: unused = 0xffff
        default: return false
        }
        guard group & unused == 0 else { return false }
        for shift in [16, 8, 0].prefix(3 - padding) { bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(shift))) }
        return true
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case 65...90: byte - 65
        case 97...122: byte - 97 + 26
        case 48...57: byte - 48 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
