internal import GatewayAPI

/// What is gathered while one rule of a root is expanded.
struct Expansion {
    let root: HTTPRoute
    let kind: ParentKind
    var matches: [PlannedMatch] = []
    /// Every (conditions, owning rule) once: a child reached twice counts once, and the first way to it stands.
    private var seen: Set<Emission> = []
    private(set) var visits: [Visit: VisitOutcome] = [:]
    /// The namespace of the root's child that is expanded.
    private(set) var branch: String?
    /// What the present child of the root has added to `seen` and `visits`.
    private var ownEmissions: [Emission] = []
    private var ownVisits: [Visit] = []
    /// Header changes and names that were taken of the budget.
    var changes = 0
    /// References back to the chain that were cut so far.
    var cuts = 0
    /// Why the present child of the root cannot be expanded.
    var overflow: String?
    /// Why some child of the root was left out.
    private(set) var leftOut: String?

    init(root: HTTPRoute, kind: ParentKind) {
        self.root = root
        self.kind = kind
    }

    /// Where everything stood when a child of the root began.
    struct Mark {
        var matches: Int
        var rules: Int
        var changes: Int
    }

    mutating func begin(_ child: ObjectKey, rules: Int) -> Mark {
        branch = child.namespace
        ownEmissions.removeAll(keepingCapacity: true)
        ownVisits.removeAll(keepingCapacity: true)
        return Mark(matches: matches.count, rules: rules, changes: changes)
    }

    mutating func goBack(to mark: Mark) {
        leftOut = leftOut ?? overflow
        overflow = nil
        matches.removeLast(matches.count - mark.matches)
        changes = mark.changes
        for emission in ownEmissions { seen.remove(emission) }
        for visit in ownVisits { visits[visit] = nil }
    }

    /// True the first time.
    mutating func note(_ emission: Emission) -> Bool {
        guard seen.insert(emission).inserted else { return false }
        ownEmissions.append(emission)
        return true
    }

    mutating func note(_ visit: Visit, _ outcome: VisitOutcome) {
        visits[visit] = outcome
        ownVisits.append(visit)
    }

    struct Emission: Hashable {
        var conditions: EffectiveMatch
        var owner: ObjectKey
        var rule: Int
    }

    /// A child below certain matches of a parent, with certain inherited fields: whatever the chain, the outcome is the
    /// same, unless a cycle was cut.
    struct Visit: Hashable {
        /// Its status says of each parent which matches it uses.
        var parent: ObjectKey
        var child: ObjectKey
        var matches: [EffectiveMatch]
        var inherited: RuleBody
    }

    /// Which of the parent's matches the child serves.
    typealias VisitOutcome = [Bool]
}

/// One rule on its way down: the routes that led to it, its matches as they stand, and what it inherits.
struct RuleContext {
    /// Root first, the rule's owner last.
    var chain: [ObjectKey]
    var route: HTTPRoute
    var rule: Int
    var matches: [EffectiveMatch]
    var inherited: RuleBody

    var owner: ObjectKey { route.metadata.key }
}
