extension LineWriter {
    /// Writes bytes of unknown content between quotes for the text format.
    ///
    /// `"` and `\` get a backslash, anything that is not printable ASCII becomes `\xHH`: nothing is lost.
    mutating func write(quoted bytes: UnsafeRawBufferPointer) {
        write("\"")
        write(escaped: bytes)
        write("\"")
    }

    /// The same without the quotes.
    mutating func write(escaped bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                write("\\")
                write(byte: byte)
            case 0x20...0x7E:
                write(byte: byte)
            default:
                write("\\x")
                write(hex: byte)
            }
        }
    }

    /// Writes bytes of unknown content as a JSON string (RFC 8259, section 7).
    ///
    /// Scalars beyond ASCII are written as `\uXXXX`, bytes that are not UTF-8 as the replacement character: the
    /// line is valid JSON and valid ASCII whatever came in.
    mutating func write(json bytes: UnsafeRawBufferPointer) {
        write("\"")
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                write("\\")
                write(byte: byte)
                index += 1
            case 0x20...0x7E:
                write(byte: byte)
                index += 1
            default:
                let (scalar, length) = LineWriter.decode(bytes, at: index)
                write(unicode: scalar)
                index += length
            }
        }
        write("\"")
    }

    private mutating func write(hex byte: UInt8) {
        write(digit: byte >> 4)
        write(digit: byte & 0xF)
    }

    private mutating func write(digit: UInt8) {
        write(byte: digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }

    private mutating func write(unicode scalar: UInt32) {
        guard scalar > 0xFFFF else {
            write(unit: UInt16(truncatingIfNeeded: scalar))
            return
        }
        write(unit: 0xD800 + UInt16(truncatingIfNeeded: (scalar - 0x10000) >> 10))
        write(unit: 0xDC00 + UInt16(truncatingIfNeeded: scalar & 0x3FF))
    }

    private mutating func write(unit: UInt16) {
        write("\\u")
        write(hex: UInt8(truncatingIfNeeded: unit >> 8))
        write(hex: UInt8(truncatingIfNeeded: unit))
    }

    /// The scalar that begins at `index` and its length; U+FFFD and one byte where there is no valid one
    /// (RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF).
    private static func decode(_ bytes: UnsafeRawBufferPointer, at index: Int) -> (scalar: UInt32, length: Int) {
        let invalid: (UInt32, Int) = (0xFFFD, 1)
        let first = bytes[index]
        let length: Int
        var scalar: UInt32
        switch first {
        case 0..<0x80: return (UInt32(first), 1)
        case 0xC2...0xDF: (length, scalar) = (2, UInt32(first & 0x1F))
        case 0xE0...0xEF: (length, scalar) = (3, UInt32(first & 0x0F))
        case 0xF0...0xF4: (length, scalar) = (4, UInt32(first & 0x07))
        default: return invalid
        }
        guard length <= bytes.count - index else { return invalid }
        for offset in 1..<length {
            let next = bytes[index + offset]
            guard next & 0xC0 == 0x80 else { return invalid }
            scalar = scalar << 6 | UInt32(next & 0x3F)
        }
        let isOverlong = (length == 3 && scalar < 0x800) || (length == 4 && scalar < 0x10000)
        guard !isOverlong, Unicode.Scalar(scalar) != nil else { return invalid }
        return (scalar, length)
    }
}
