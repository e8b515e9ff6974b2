/// HTTP header names and values as the Gateway API allows them in resources (`HeaderName`, `HTTPHeader.value`).
package enum FieldSyntax {
    package static let maximumNameLength = 256
    package static let maximumValueLength = 4096
    package static let nameRule = "must be 1 to 256 letters, digits or !#$%&'*+-.^_`|~"
    package static let valueRule =
        "must be 1 to 4096 printable ASCII characters with single spaces or tabs between words"

    /// An RFC 9110 token of at most 256 characters.
    package static func isName(_ text: some StringProtocol) -> Bool {
        (1...maximumNameLength).contains(text.utf8.count) && text.utf8.allSatisfy(isTokenByte)
    }

    /// Visible ASCII words separated by one space or tab, at most 4096 characters: `^[!-~]+([\t ]?[!-~]+)*$`.
    package static func isValue(_ text: some StringProtocol) -> Bool {
        guard (1...maximumValueLength).contains(text.utf8.count) else { return false }
        var previousIsBlank = true
        for byte in text.utf8 {
            let isBlank = byte == 0x20 || byte == 0x09
            guard isBlank ? !previousIsBlank : (0x21...0x7e).contains(byte) else { return false }
            previousIsBlank = isBlank
        }
        return !previousIsBlank
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
