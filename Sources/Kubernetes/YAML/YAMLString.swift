internal import GatewayAPI

/// How a string is written so that it is read as that string.
enum YAMLString {
    /// Whether lines of their own read better than escapes, and lose nothing.
    static func isBlock(_ text: String) -> Bool {
        guard text.utf8.contains(UInt8(ascii: "\n")), let first = text.utf8.first, first > 0x20 else { return false }
        // Control characters need escapes. Lines that end in blanks, and blank lines at the end, are easily lost to
        // editors.
        guard text.unicodeScalars.allSatisfy({ $0 == "\n" || ($0.value >= 0x20 && $0.value < 0x7f) }) else {
            return false
        }
        return !text.hasSuffix("\n\n") && !text.contains(" \n") && !text.hasSuffix(" ")
    }

    static func block(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        let body = text.hasSuffix("\n") ? text.dropLast() : text[...]
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
        return (text.hasSuffix("\n") ? "|" : "|-") + lines.map { $0.isEmpty ? "\n" : "\n" + margin + $0 }.joined()
    }

    static func inline(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    /// Unquoted only where no reader could see anything but a string in it.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 512 else { return false }
        guard case .string = ScalarResolver.resolve(text) else { return false }
        guard isLetter(first) || first == UInt8(ascii: "/") || first == UInt8(ascii: "_") || isAmount(text) else {
            return false
        }
        guard isInner(last) || last == UInt8(ascii: ")") else { return false }
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: " ") {
                guard previous != UInt8(ascii: " "), previous != UInt8(ascii: ":") else { return false }
            } else if byte == UInt8(ascii: "#") {
                guard previous != UInt8(ascii: " ") else { return false }
            } else if !isInner(byte) && !mayBeInside.contains(byte) {
                return false
            }
            previous = byte
        }
        return !isWord(text)
    }

    private static let mayBeInside = Set(":@=(),+~%^;?*".utf8)

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }

    private static func isInner(_ byte: UInt8) -> Bool {
        isLetter(byte) || (48...57).contains(byte) || "-._/".utf8.contains(byte)
    }

    /// `10m`, `256Mi`, `30s`: digits and a unit, which is no number in any version of YAML.
    private static func isAmount(_ text: String) -> Bool {
        let unit = text.drop { $0.isASCII && $0.isNumber }
        return ["m", "k", "s", "h", "ms", "Ki", "Mi", "Gi", "Ti", "M", "G"].contains(unit)
    }

    /// Words that some reader takes for something else, in whatever case.
    private static func isWord(_ text: String) -> Bool {
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"].contains(text.lowercased())
    }

    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case _ where isPrintable(scalar) && VisibleText.isShown(scalar): out.unicodeScalars.append(scalar)
            default: out += escape(scalar)
            }
        }
        return out + "\""
    }

    /// What YAML allows unescaped, without the line separators and the byte order mark.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd, 0x1_0000...0x10_ffff: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let (mark, width) = scalar.value <= 0xff ? ("x", 2) : scalar.value <= 0xffff ? ("u", 4) : ("U", 8)
        return "\\" + mark + String(repeating: "0", count: width - digits.count) + digits
    }
}
