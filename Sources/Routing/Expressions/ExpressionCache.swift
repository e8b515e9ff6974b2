internal import Synchronization

/// Regular expressions by their text: each is compiled once, for judging it and for matching, and again for no later
/// snapshot that has it too. Programs live as long as a table holds them.
///
/// One for a process that plans again and again; `settle` after each plan, or it grows.
package final class ExpressionCache: Sendable {
    private struct Entry {
        var verdict: ExpressionVerdict
        weak var expression: Expression?
        /// Holds what was compiled to be judged until the tables of the plan are laid out.
        var held: Expression?
        var isUsed = true
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let keepsPrograms: Bool

    /// - Parameter keepsPrograms: tables are laid out of what is planned; without it only verdicts are kept.
    package init(keepsPrograms: Bool = true) {
        self.keepsPrograms = keepsPrograms
    }

    package func verdict(_ pattern: String) -> ExpressionVerdict {
        entries.withLock { entries in
            if let known = entries[pattern] {
                if !known.isUsed { entries[pattern]?.isUsed = true }
                return known.verdict
            }
            return compile(pattern, &entries).verdict
        }
    }

    /// nil for one that cannot be used.
    func expression(_ pattern: String) -> Expression? {
        entries.withLock { entries in
            guard let known = entries[pattern] else { return compile(pattern, &entries).expression }
            entries[pattern]?.isUsed = true
            if let live = known.held ?? known.expression { return live }
            guard case .usable = known.verdict else { return nil }
            return compile(pattern, &entries).expression
        }
    }

    /// A plan and its tables are made: what none of them asked for since the last time is forgotten, and programs that
    /// no table holds are given back.
    package func settle() {
        entries.withLock { entries in
            entries = entries.filter { $0.value.isUsed }
            for pattern in entries.keys {
                entries[pattern]?.held = nil
                entries[pattern]?.isUsed = false
            }
        }
    }

    /// Expressions known, for tests.
    var count: Int { entries.withLock { $0.count } }

    private func compile(
        _ pattern: String, _ entries: inout sending [String: Entry]
    ) -> (verdict: ExpressionVerdict, expression: Expression?) {
        switch Expression.compile(pattern) {
        case .success(let compiled):
            let verdict = ExpressionVerdict.usable(size: compiled.size)
            entries[pattern] = Entry(
                verdict: verdict, expression: compiled, held: keepsPrograms ? compiled : nil)
            return (verdict, compiled)
        case .failure(let refusal):
            entries[pattern] = Entry(verdict: refusal.verdict)
            return (refusal.verdict, nil)
        }
    }
}
