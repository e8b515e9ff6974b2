internal import GatewayAPI

extension JSONParser {
    /// What an escape or a byte that means nothing becomes.
    private static let replacement: [UInt8] = [0xef, 0xbf, 0xbd]

    /// After the opening quote, to behind the closing one.
    mutating func string(_ input: Span<UInt8>) throws(JSONError) -> String {
        let start = position
        while let byte = peek(input) {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return Self.text(input.extracting(start..<(position - 1)))
            case UInt8(ascii: "\\"):
                return try escapedString(input, from: start)
            case 0x00..<0x20:
                throw JSONError("has a control character in a string", at: position)
            default:
                position += 1
            }
        }
        throw JSONError("ends inside a string", at: position)
    }

    /// At the first escape of a string.
    private mutating func escapedString(_ input: Span<UInt8>, from start: Int) throws(JSONError) -> String {
        var bytes: [UInt8] = []
        for index in start..<position { bytes.append(input[index]) }
        while let byte = peek(input) {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                try escape(input, into: &bytes)
            case 0x00..<0x20:
                throw JSONError("has a control character in a string", at: position)
            default:
                bytes.append(byte)
                position += 1
            }
        }
        throw JSONError("ends inside a string", at: position)
    }

    /// After a backslash.
    private mutating func escape(_ input: Span<UInt8>, into bytes: inout [UInt8]) throws(JSONError) {
        guard let byte = peek(input) else { throw JSONError("ends inside a string", at: position) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0c)
        case UInt8(ascii: "n"): bytes.append(0x0a)
        case UInt8(ascii: "r"): bytes.append(0x0d)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = Unicode.Scalar(try codePoint(input)) else {
                bytes += Self.replacement
                return
            }
            bytes += Array(String(Character(scalar)).utf8)
        default: throw JSONError("has an unknown escape", at: position - 1)
        }
    }

    /// The code point of one escape, or of two that are a surrogate pair. Half a pair comes back as it is.
    private mutating func codePoint(_ input: Span<UInt8>) throws(JSONError) -> UInt32 {
        let first = try fourDigits(input)
        guard (0xd800..<0xdc00).contains(first), peek(input) == UInt8(ascii: "\\"), position + 1 < input.count,
            input[position + 1] == UInt8(ascii: "u")
        else { return first }
        let mark = position
        position += 2
        let second = try fourDigits(input)
        guard (0xdc00..<0xe000).contains(second) else {
            // No second half: it stands for itself and is read again.
            position = mark
            return first
        }
        return 0x10000 &+ ((first &- 0xd800) << 10) &+ (second &- 0xdc00)
    }

    private mutating func fourDigits(_ input: Span<UInt8>) throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(input), let digit = Self.hexDigit(byte) else {
                throw JSONError("has an escape \\u without four hexadecimal digits", at: position)
            }
            code = code << 4 | digit
            position += 1
        }
        return code
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Copies bytes that are nearly always sound UTF-8; others are repaired.
    private static func text(_ bytes: Span<UInt8>) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            var copy: [UInt8] = []
            for index in bytes.indices { copy.append(bytes[index]) }
            return String(decoding: copy, as: UTF8.self)
        }
    }
}
