/// What an Exact or PathPrefix path may say (Gateway API `HTTPPathMatch`).
package enum PathValue {
    package static let maximumLength = 1024

    /// The first rule that the value breaks, as "must ..."; nil when it is sound.
    package static func brokenRule(_ value: String) -> String? {
        guard value.utf8.count <= maximumLength else { return "must have at most 1024 characters" }
        guard value.utf8.first == UInt8(ascii: "/") else { return "must begin with /" }
        for part in ["//", "/./", "/../", "%2f", "%2F", "#"] where contains(value, part) {
            return "must not contain \(part)"
        }
        for end in ["/..", "/."] where value.hasSuffix(end) {
            return "must not end with \(end)"
        }
        return hasAllowedCharacters(value)
            ? nil : "must be made of letters, digits, -/._~!$&'()*+,;=:@ and %HH"
    }

    private static func contains(_ value: String, _ part: String) -> Bool {
        let pattern = Array(part.utf8)
        var rest = value.utf8[...]
        while rest.count >= pattern.count {
            if rest.starts(with: pattern) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    private static func hasAllowedCharacters(_ value: String) -> Bool {
        var hexDigitsDue = 0
        for byte in value.utf8 {
            if hexDigitsDue > 0 {
                guard Character(UnicodeScalar(byte)).isHexDigit else { return false }
                hexDigitsDue -= 1
            } else if byte == UInt8(ascii: "%") {
                hexDigitsDue = 2
            } else if !isPathByte(byte) {
                return false
            }
        }
        return hexDigitsDue == 0
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "-/._~!$&'()*+,;=:@".utf8.contains(byte)
        }
    }
}
