/// Finds the name that a mistyped one may have been meant to be: the one speller of the house.
///
/// What it costs is bounded, whatever was typed: a name longer than any candidate could be is not compared at all.
package enum Spelling {
    /// Bytes. Longer names are no near misses of anything.
    package static let longest = 64

    /// The nearest candidate; nil when none is near. Upper and lower case, dashes and underscores make no difference,
    /// two letters that changed places are one mistake, and a short name may have fewer mistakes than a long one.
    /// - Parameter mistakes: how many there may be at most, whatever the length.
    package static func nearest(
        to typed: String, among candidates: some Sequence<String>, mistakes: Int = 3
    ) -> String? {
        guard typed.utf8.count <= longest else { return nil }
        let letters = folded(typed)
        guard !letters.isEmpty else { return nil }
        let allowed = min(mistakes, letters.count < 5 ? 1 : letters.count < 9 ? 2 : 3)
        var best: (name: String, edits: Int)?
        for candidate in candidates where candidate.utf8.count <= longest {
            let other = folded(candidate)
            guard abs(other.count - letters.count) <= allowed else { continue }
            let edits = edits(letters, other)
            if edits <= allowed, edits < best?.edits ?? .max { best = (candidate, edits) }
        }
        return best?.name
    }

    /// `; NAME is` for the nearest candidate, nothing when none is near: the end of "is not known".
    package static func advice(for typed: String, among candidates: some Sequence<String>) -> String {
        nearest(to: typed, among: candidates).map { "; \($0) is" } ?? ""
    }

    private static func folded(_ text: String) -> [UInt8] {
        text.utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "-"), UInt8(ascii: "_"): nil
            default: byte
            }
        }
    }

    /// Damerau's and Levenshtein's distance, without edits inside of swapped letters.
    private static func edits(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = []
        var row = Array(0...b.count)
        for i in a.indices {
            var next = [i + 1]
            for j in b.indices {
                let change = row[j] + (a[i] == b[j] ? 0 : 1)
                var cost = min(change, row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
                next.append(cost)
            }
            (before, row) = (row, next)
        }
        return row[b.count]
    }
}
