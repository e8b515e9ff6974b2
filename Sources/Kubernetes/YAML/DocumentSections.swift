/// A text cut at its lines of three dashes, so that a document that is JSON can be read as JSON.
///
/// Nothing in YAML but the start of a document may begin a line with three dashes and a blank (YAML 1.2.2 section
/// 9.1.2).
struct DocumentSections {
    /// From a line of dashes, or the start of the text, to the next.
    struct Section {
        var bytes: Range<Int>
        /// 1-based, of the first byte.
        var line: Int
        /// Where its first value begins, when that is an object in braces: JSON, or YAML that looks like it.
        var braces: (offset: Int, line: Int)?
    }

    private(set) var sections: [Section] = []
    /// Some line begins with `%`: what stands before a line of dashes belongs to the document behind it.
    private(set) var hasDirectives = false

    init(_ bytes: [UInt8]) {
        var start = (offset: 0, line: 1)
        var (offset, line) = (0, 1)
        while offset < bytes.count {
            if offset > start.offset, Self.isSeparator(bytes[offset...]) {
                add(bytes, start, offset)
                start = (offset, line)
            }
            if bytes[offset] == UInt8(ascii: "%") { hasDirectives = true }
            let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            offset = end + 1
            line += 1
        }
        add(bytes, start, bytes.count)
    }

    static func isSeparator(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.starts(with: "---".utf8) else { return false }
        guard let next = line.dropFirst(3).first else { return true }
        return isSpace(next)
    }

    private mutating func add(_ bytes: [UInt8], _ start: (offset: Int, line: Int), _ end: Int) {
        guard start.offset < end else { return }
        sections.append(
            Section(
                bytes: start.offset..<end, line: start.line, braces: Self.braces(bytes[start.offset..<end], start.line))
        )
    }

    private static func braces(_ section: ArraySlice<UInt8>, _ firstLine: Int) -> (offset: Int, line: Int)? {
        var rest = isSeparator(section) ? section.dropFirst(3) : section
        var line = firstLine
        while let byte = rest.first {
            if byte == UInt8(ascii: "{") { return (rest.startIndex, line) }
            if byte == UInt8(ascii: "#") {
                rest = rest.drop { $0 != UInt8(ascii: "\n") }
                continue
            }
            guard isSpace(byte) else { return nil }
            if byte == UInt8(ascii: "\n") { line += 1 }
            rest = rest.dropFirst()
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }
}
