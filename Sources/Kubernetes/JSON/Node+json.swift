package import GatewayAPI

extension Node {
    /// Compact JSON in the order of the members. Reading it gives the node again, numbers to the last bit; NaN and the
    /// infinities, which JSON has no words for, become null.
    package var json: [UInt8] {
        var out: [UInt8] = []
        write(into: &out)
        return out
    }

    /// `json` as text, for messages and patches inside other texts.
    package var jsonText: String { String(decoding: json, as: UTF8.self) }

    private func write(into out: inout [UInt8]) {
        switch value {
        case .null: out += "null".utf8
        case .bool(let flag): out += (flag ? "true" : "false").utf8
        case .integer(let number): out += String(number).utf8
        // The shortest digits that read back as the same number.
        case .number(let number): out += (number.isFinite ? number.description : "null").utf8
        case .string(let text): Self.write(text, into: &out)
        case .sequence(let elements):
            out.append(UInt8(ascii: "["))
            for (position, element) in elements.enumerated() {
                if position > 0 { out.append(UInt8(ascii: ",")) }
                element.write(into: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .mapping(let entries):
            out.append(UInt8(ascii: "{"))
            for (position, entry) in entries.enumerated() {
                if position > 0 { out.append(UInt8(ascii: ",")) }
                Self.write(entry.key, into: &out)
                out.append(UInt8(ascii: ":"))
                entry.value.write(into: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            out += text.utf8
        } else {
            for byte in text.utf8 { writeEscaped(byte, into: &out) }
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func writeEscaped(_ byte: UInt8, into out: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
        case 0x0a: out += "\\n".utf8
        case 0x0d: out += "\\r".utf8
        case 0x09: out += "\\t".utf8
        case 0x00..<0x20:
            out += (byte < 0x10 ? "\\u000" : "\\u00").utf8
            out += String(byte, radix: 16).utf8
        default: out.append(byte)
        }
    }
}
