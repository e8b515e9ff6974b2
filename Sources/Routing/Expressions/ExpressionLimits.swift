/// What bounds regular expressions, so that none of them, and not all of them together, take time or memory that others
/// need.
///
/// RE2 matches in time linear in the text, but the factor is the size of the program: a step for each instruction and
/// byte at worst. So there is a bound on the program, one on the text, and one on their product.
package enum ExpressionLimits {
    /// Instructions of one expression's program. `[0-9a-f]{8}` has 25 of them, a list of 25 languages 60, `[^/]{1,128}`
    /// 390.
    package static let programSize = 1_000
    /// Bytes of a text that expressions are run on: a path, or the value of a header field or query parameter.
    package static let textLength = 8_192
    /// Instructions times bytes of one run: 3 ms of a core at worst.
    package static let steps = 1 << 19
    /// What all expressions of one route may come to, in `cost` of each.
    package static let routeCost = 16_384
    /// What all expressions of one namespace's routes may come to, each counted once.
    package static let namespaceCost = 65_536

    /// What an expression weighs in the totals: the instructions, and what any expression takes besides.
    package static func cost(ofSize size: Int) -> Int { size + 40 }

    /// Instructions that a Unicode class (`\pL`) counts for: what reading it takes, though few of its characters are
    /// bytes.
    static let unicodeClassSize = 200

    /// Bytes that RE2 may use for a program of the size, its states included. One whose states outgrow it is slower,
    /// and still within `steps`.
    static func memory(forSize size: Int) -> Int64 {
        // A third is RE2's for searching backwards, and half of the rest for searching for the first match.
        let (states, program) = (max(20_480, size * 320), size * 8 + 1_024)
        return Int64((states * 2 + program) * 3 / 2)
    }

    /// As `memory`, of an expression whose size is not known yet: enough for the largest that is taken.
    static let memoryBeforehand: Int64 = 72 << 10
}
