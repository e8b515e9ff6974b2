/// The UTF-8 of a text as editors save it: a byte order mark says how, and is no part of the text (YAML 1.2.2 section
/// 5.2).
///
/// As kubectl does it: UTF-16 is read where its mark says so, and replaced where it is broken.
enum ManifestEncoding {
    private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]

    /// - Throws: `YAMLError` for what is UTF-16 or UTF-32 and does not say so.
    static func utf8(_ bytes: [UInt8]) throws(YAMLError) -> [UInt8] {
        switch (bytes.first, bytes.dropFirst().first) {
        case (0xef, 0xbb): return withoutMarks(bytes)
        case (0xff, 0xfe): return decoded(bytes) { low, high in UInt16(high) << 8 | UInt16(low) }
        case (0xfe, 0xff): return decoded(bytes) { high, low in UInt16(high) << 8 | UInt16(low) }
        case (0, _), (_, 0):
            throw YAMLError("is in UTF-16 or UTF-32 without a byte order mark; it has to be UTF-8", line: 1)
        default: return withoutMarks(bytes)
        }
    }

    private static func decoded(_ bytes: [UInt8], _ unit: (UInt8, UInt8) -> UInt16) -> [UInt8] {
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { unit(bytes[$0], bytes[$0 + 1]) }
        return withoutMarks(Array(String(decoding: units, as: UTF16.self).utf8))
    }

    /// Without the mark at the start, and without those at the start of a document: of files that were joined.
    private static func withoutMarks(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var kept = 0
        for index in bytes.indices where bytes[index] == mark[0] {
            guard bytes[index...].starts(with: mark), isDocumentStart(bytes, index) else { continue }
            out += bytes[kept..<index]
            kept = index + mark.count
        }
        return kept == 0 ? bytes : out + bytes[kept...]
    }

    /// At the start of the text, before a line of three dashes, or behind one.
    private static func isDocumentStart(_ bytes: [UInt8], _ index: Int) -> Bool {
        guard index > 0 else { return true }
        guard bytes[index - 1] == UInt8(ascii: "\n") else { return false }
        if DocumentSections.isSeparator(bytes[(index + mark.count)...]) { return true }
        let before = bytes[..<(index - 1)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return DocumentSections.isSeparator(bytes[lineStart..<index])
    }
}
