/// Text that somebody else wrote, made fit for a terminal, a log line and a message: what would move a cursor, colour,
/// hide or turn around other text, and what takes no room or only looks like a space, is shown as its code point, as
/// `\u{1B}`.
///
/// Everything that commands print and that somebody else wrote goes through here; logs, which are ASCII, escape more.
package enum VisibleText {
    /// Bytes; a problem's object, field, value and message together are shorter.
    package static let longestLine = 4096

    private static let dots = "..."

    /// One line.
    /// - Parameter limit: bytes of UTF-8 that come out at most, the dots included that stand for what was cut off.
    package static func of(_ text: some StringProtocol, bytes limit: Int = longestLine) -> String {
        // Most text is short and plain.
        if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return String(text) }
        var out = ""
        var count = 0
        /// Bytes that stay when the rest does not fit.
        var kept = 0
        for scalar in text.unicodeScalars {
            let piece = isShown(scalar) ? String(scalar) : scalar.escaped(asASCII: true)
            guard count + piece.utf8.count <= limit else {
                return String(decoding: out.utf8.prefix(kept), as: UTF8.self) + dots.prefix(limit)
            }
            out += piece
            count += piece.utf8.count
            if count + dots.utf8.count <= limit { kept = count }
        }
        return out
    }

    /// Lines that a command has put together, or that somebody has sent: nothing but their line ends gets through.
    /// - Parameter limit: bytes of each line.
    package static func page(_ text: String, lineBytes limit: Int = longestLine) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { of($0, bytes: limit) }
            .joined(separator: "\n")
    }

    /// Whether a terminal only shows it, as something that can be seen, or as a plain space.
    package static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20...0x7e).contains(scalar.value) { return true }
        let properties = scalar.properties
        return switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        // Fillers and selectors count as letters and marks.
        default: !properties.isDefaultIgnorableCodePoint
        }
    }
}
