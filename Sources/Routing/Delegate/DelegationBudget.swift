/// What delegation may multiply. A root's namespace has a total for all its roots, and each namespace that it delegates to a share of
/// that, of which everything further down is paid: so no team's children take the room of another's.
///
/// What a child that does not fit would have served is left to its root's rule, which answers 500 there.
struct DelegationBudget {
    struct Amount: Hashable {
        /// Children visited, by every way there is to them.
        var visits = 0
        /// Matches of a child held against matches of its parent.
        var pairs = 0
        /// Matches that come of it.
        var matches = 0
        /// Compiled instructions of expressions that are composed of a child's and its parent's path.
        var expressions = 0

        static func + (a: Amount, b: Amount) -> Amount {
            Amount(
                visits: a.visits + b.visits, pairs: a.pairs + b.pairs, matches: a.matches + b.matches,
                expressions: a.expressions + b.expressions)
        }

        func fits(_ limit: Amount) -> Bool {
            visits <= limit.visits && pairs <= limit.pairs && matches <= limit.matches
                && expressions <= limit.expressions
        }
    }

    /// Of all roots of one namespace.
    static let total = Amount(visits: 65_536, pairs: 524_288, matches: 131_072, expressions: 524_288)
    /// Of these, below the children in one namespace.
    static let share = Amount(visits: 16_384, pairs: 65_536, matches: 32_768, expressions: 131_072)

    private struct Account: Hashable {
        var root: String
        var child: String
    }

    private var totals: [String: Amount] = [:]
    private var shares: [Account: Amount] = [:]

    /// Takes an amount for a root's namespace and, below it, a child's. Returns why there is not that much left.
    mutating func take(_ amount: Amount, root: String, child: String) -> String? {
        let account = Account(root: root, child: child)
        let (total, share) = (totals[root, default: Amount()] + amount, shares[account, default: Amount()] + amount)
        guard share.fits(Self.share) else {
            return
                "what namespace \(child) makes of the delegation is more than its share of \(Self.share.matches) matches, "
                + "\(Self.share.visits) visits of children, \(Self.share.pairs) comparisons and "
                + "\(Self.share.expressions) instructions of composed expressions"
        }
        guard total.fits(Self.total) else {
            return "the delegations of namespace \(root) come to more than \(Self.total.matches) matches, "
                + "\(Self.total.visits) visits of children, \(Self.total.pairs) comparisons or "
                + "\(Self.total.expressions) instructions of composed expressions"
        }
        totals[root] = total
        shares[account] = share
        return nil
    }

    /// Gives back matches that come to nothing.
    mutating func giveBack(matches: Int, root: String, child: String) {
        totals[root]?.matches -= matches
        shares[Account(root: root, child: child)]?.matches -= matches
    }
}
