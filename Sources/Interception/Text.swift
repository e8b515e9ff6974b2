extension UInt8 {
    var isASCIIDigit: Bool { self >= 0x30 && self <= 0x39 }
}

extension String {
    /// Without spaces, tabs and line ends at both ends.
    func trimmingBlanks() -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }

    /// The text cut at line ends, empty lines included.
    var textLines: [String] {
        split(omittingEmptySubsequences: false) { $0.isNewline }.map { String($0) }
    }
}
