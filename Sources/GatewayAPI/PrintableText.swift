/// Text of other people as one line that a terminal only shows: control characters (of both sets), line ends, and what turns the
/// direction of writing or cannot be seen are escaped, as `\u{1B}`, and of what is very long there is the beginning.
///
/// Everything that commands print and that somebody else wrote goes through here; logs, which are ASCII, escape more.
package struct PrintableText: CustomStringConvertible {
    /// Characters; a problem's object, field, value and message together are shorter.
    package static let longest = 4096

    package let description: String

    package init(_ text: String, longest: Int = PrintableText.longest) {
        // Most text is short and plain.
        guard text.utf8.count > longest || !text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            description = text
            return
        }
        var shown = ""
        var left = longest
        for scalar in text.unicodeScalars {
            guard left > 0 else {
                shown += "..."
                break
            }
            if Self.isShown(scalar) {
                shown.unicodeScalars.append(scalar)
            } else {
                shown += scalar.escaped(asASCII: true)
            }
            left -= 1
        }
        description = shown
    }

    package static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        if (0x20...0x7e).contains(scalar.value) { return true }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    /// Lines that commands have put together: nothing but their own line ends gets through.
    package static func page(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { PrintableText(String($0)).description }.joined(separator: "\n")
    }
}
