/// Text that somebody else wrote, made fit for a terminal, a log line and a message: what would move a cursor, colour, hide or turn around
/// other text is shown as its code point, as `\\u{1b}`.
package enum VisibleText {
    /// - Parameter limit: bytes of UTF-8 that come out at most, the dots included that stand for what was cut off.
    package static func of(_ text: some StringProtocol, bytes limit: Int = .max) -> String {
        if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return String(text) }
        var out = ""
        var count = 0
        /// Bytes that stay when the rest does not fit.
        var kept = 0
        for scalar in text.unicodeScalars {
            let piece = isShown(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
            guard count + piece.utf8.count <= limit else {
                return String(decoding: out.utf8.prefix(kept), as: UTF8.self) + dots.prefix(limit)
            }
            out += piece
            count += piece.utf8.count
            if count + dots.utf8.count <= limit { kept = count }
        }
        return out
    }

    private static let dots = "..."

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
