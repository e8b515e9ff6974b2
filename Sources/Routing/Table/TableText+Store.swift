/// The text store while a table is laid out: equal texts are kept once.
struct TextStore {
    private(set) var bytes: [UInt8] = []
    private var known: [String: TableText] = [:]

    mutating func add(_ text: String) -> TableText {
        if text.isEmpty { return TableText() }
        if let found = known[text] { return found }
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        let added = TableText(start: UInt32(start), length: UInt32(bytes.count - start))
        known[text] = added
        return added
    }

    /// A text with something before and behind it, which is kept along with it.
    mutating func add(_ text: String, between prefix: String, and suffix: String) -> (text: TableText, whole: TableText)
    {
        let whole = add(prefix + text + suffix)
        let start = whole.start + UInt32(prefix.utf8.count)
        return (TableText(start: start, length: UInt32(text.utf8.count)), whole)
    }
}

/// The expressions of a table; equal patterns are compiled once.
struct ExpressionStore {
    private(set) var all: [Expression] = []
    private var known: [String: Int32?] = [:]
    private let cache: ExpressionCache

    init(_ cache: ExpressionCache) {
        self.cache = cache
    }

    /// nil when the pattern cannot be used: what needs it never matches.
    mutating func add(_ pattern: String) -> Int32? {
        if let found = known[pattern] { return found }
        var added: Int32?
        if let compiled = cache.expression(pattern) {
            added = Int32(all.count)
            all.append(compiled)
        }
        known[pattern] = .some(added)
        return added
    }
}
