/// Finds the name that a mistyped one may have been meant to be.
enum Spelling {
    /// Longer texts are no near misses of anything.
    private static let longest = 64

    /// The nearest candidate, nil when none is within `distance` edits.
    static func nearest(to text: String, among candidates: [String], distance: Int = 3) -> String? {
        let typed = Array(text.utf8)
        guard typed.count <= longest else { return nil }
        let ranked = candidates.map { (name: $0, edits: edits(typed, Array($0.utf8))) }
        guard let best = ranked.min(by: { $0.edits < $1.edits }), best.edits <= distance else { return nil }
        return best.name
    }

    /// Levenshtein's distance.
    private static func edits(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let change = diagonal + (x == y ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(change, diagonal + 1, row[j] + 1)
            }
        }
        return row[b.count]
    }
}
