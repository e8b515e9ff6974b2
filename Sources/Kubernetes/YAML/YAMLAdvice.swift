/// Advice on mistakes that stop every reader of YAML and that its messages do not name: indentation by tabs, and
/// templates that have not been rendered.
enum YAMLAdvice {
    /// The advice to add to an error in a line; nil when the line says nothing.
    /// - Parameter line: 1-based.
    static func of(_ bytes: [UInt8], line number: Int) -> String? {
        guard let line = line(number, of: bytes) else { return nil }
        let blanks = line.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        if blanks.contains(UInt8(ascii: "\t")) { return "the line is indented by a tab: only spaces indent" }
        let braces = zip(line, line.dropFirst()).contains { $0 == UInt8(ascii: "{") && $1 == UInt8(ascii: "{") }
        return braces
            ? "a template has to be rendered first: helm template ... | weir check -f -" : nil
    }

    private static func line(_ number: Int, of bytes: [UInt8]) -> ArraySlice<UInt8>? {
        guard number > 0 else { return nil }
        var rest = bytes[...]
        for _ in 1..<number {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            rest = rest[rest.index(after: end)...]
        }
        return rest.prefix { $0 != UInt8(ascii: "\n") }
    }
}
