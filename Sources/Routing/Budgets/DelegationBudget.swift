internal import GatewayAPI

/// What delegation may multiply. A root's namespace has a total for all its roots, and each namespace that it delegates
/// to a share of that, of which everything further down is paid: so no team's children take the room of another's.
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
        /// Header changes that rules inherit and have of their own, for each of their backendRefs, and names of the
        /// routes that lead to them.
        var changes = 0

        static func + (a: Amount, b: Amount) -> Amount {
            Amount(
                visits: a.visits + b.visits, pairs: a.pairs + b.pairs, matches: a.matches + b.matches,
                expressions: a.expressions + b.expressions, changes: a.changes + b.changes)
        }

        mutating func subtract(_ amount: Amount) {
            visits -= amount.visits
            pairs -= amount.pairs
            matches -= amount.matches
            expressions -= amount.expressions
            changes -= amount.changes
        }

        /// What nobody may have more of, when so much is asked for of this as a total; at most the share.
        func fairShare(among demands: [Amount]) -> Amount {
            func level(_ part: (Amount) -> Int) -> Int {
                min(FairShares(of: part(self), among: demands.map(part)).level ?? .max, part(share))
            }
            return Amount(
                visits: level(\.visits), pairs: level(\.pairs), matches: level(\.matches),
                expressions: level(\.expressions), changes: level(\.changes))
        }

        func fits(_ limit: Amount) -> Bool {
            visits <= limit.visits && pairs <= limit.pairs && matches <= limit.matches
                && expressions <= limit.expressions && changes <= limit.changes
        }

        /// Limits in words, for messages.
        func words(_ conjunction: String) -> String {
            "\(matches) matches, \(visits) visits of children, \(pairs) comparisons, \(expressions) instructions of composed "
                + "expressions \(conjunction) \(changes) inherited header changes and names"
        }
    }

    /// Of all roots of one namespace.
    static let total = Amount(
        visits: 65_536, pairs: 524_288, matches: 131_072, expressions: 524_288, changes: 1_048_576)
    /// Of these, below the children in one namespace.
    static let share = Amount(
        visits: 16_384, pairs: 65_536, matches: 32_768, expressions: 131_072, changes: 262_144)

    private struct Account: Hashable {
        var root: String
        var child: String
    }

    /// What each child's namespace may have of a root's namespace instead of the share, where the total does not
    /// suffice for all.
    private let levels: [String: Amount]
    private var totals: [String: Amount] = [:]
    private var shares: [Account: Amount] = [:]
    /// Those that were refused something for want of the total.
    private var refused: Set<Account> = []

    init() { levels = [:] }

    private init(levels: [String: Amount]) { self.levels = levels }

    /// The budget to begin anew with: where a total did not suffice, those give way that asked for most. Nil when all
    /// totals sufficed.
    var fairer: DelegationBudget? {
        guard !refused.isEmpty else { return nil }
        var levels: [String: Amount] = [:]
        for root in Set(refused.map(\.root)) {
            let accounts = Set(shares.keys).union(refused).filter { $0.root == root }
            let demands = accounts.map { refused.contains($0) ? Self.share : shares[$0] ?? Amount() }
            levels[root] = Self.total.fairShare(among: demands)
        }
        return DelegationBudget(levels: levels)
    }

    /// Takes an amount for a root's namespace and, below it, a child's. Returns why there is not that much left.
    mutating func take(_ amount: Amount, root: String, child: String) -> String? {
        let account = Account(root: root, child: child)
        let (total, share) = (totals[root, default: Amount()] + amount, shares[account, default: Amount()] + amount)
        let limit = levels[root] ?? Self.share
        guard share.fits(limit) else {
            return "what namespace \(child) makes of the delegation is more than its share of \(limit.words("and"))"
        }
        guard total.fits(Self.total) else {
            refused.insert(account)
            return "the delegations of namespace \(root) come to more than \(Self.total.words("or"))"
        }
        totals[root] = total
        shares[account] = share
        return nil
    }

    /// Gives back what comes to nothing.
    mutating func giveBack(_ amount: Amount, root: String, child: String) {
        totals[root]?.subtract(amount)
        shares[Account(root: root, child: child)]?.subtract(amount)
    }
}
