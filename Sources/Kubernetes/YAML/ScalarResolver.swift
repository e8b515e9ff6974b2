package import GatewayAPI

/// What a plain scalar means, as `sigs.k8s.io/yaml` (go-yaml v2, YAML 1.1) reads it for Kubernetes: `yes`, `on` and `y`
/// are booleans, `010` is octal; base-60 numbers and timestamps stay strings.
package enum ScalarResolver {
    /// - Parameter text: an unquoted scalar.
    package static func resolve(_ text: String) -> Node.Value {
        // Most scalars are words: their first byte tells that nothing else can be meant.
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return number(text) ?? .string(text)
        case UInt8(ascii: "y"), UInt8(ascii: "Y"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"),
            UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"), UInt8(ascii: "o"), UInt8(ascii: "O"),
            UInt8(ascii: "~"):
            return text.utf8.count <= 5 ? word(text) : .string(text)
        default:
            return .string(text)
        }
    }

    private static func word(_ text: String) -> Node.Value {
        switch text {
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": .bool(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": .bool(false)
        case "~", "null", "Null", "NULL": .null
        default: .string(text)
        }
    }

    private static func number(_ text: String) -> Node.Value? {
        switch text {
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        default: break
        }
        let plain = text.utf8.first == UInt8(ascii: ".") ? text : text.filter { $0 != "_" }
        if let integer = integer(plain) { return .integer(integer) }
        return isDecimalFloat(plain) ? Double(plain).map(Node.Value.number) : nil
    }

    /// Decimal, `0x`, `0o`, `0b`, or octal by a leading zero, each with a sign. What exceeds 64 bits is left to the
    /// floats.
    private static func integer(_ text: String) -> Int64? {
        var digits = text[...]
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits = digits.dropFirst() }
        guard let first = digits.utf8.first, (48...57).contains(first) else { return nil }
        var radix = 10
        if first == 48, digits.utf8.count > 1 {
            let prefix = digits.prefix(2).lowercased()
            radix = ["0x": 16, "0o": 8, "0b": 2][prefix] ?? 8
            digits = digits.dropFirst(["0x", "0o", "0b"].contains(prefix) ? 2 : 1)
            // Another sign would be read by the integer parser: it is none of ours.
            guard let next = digits.utf8.first, next != UInt8(ascii: "+"), next != UInt8(ascii: "-") else { return nil }
        }
        return Int64((isNegative ? "-" : "") + digits, radix: radix)
    }

    /// `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`
    private static func isDecimalFloat(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        func skipSign() {
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        }
        func skipDigits() -> Int {
            let count = rest.prefix { (48...57).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        skipSign()
        var digits = skipDigits()
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            digits += skipDigits()
        }
        guard digits > 0 else { return false }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            skipSign()
            guard skipDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
