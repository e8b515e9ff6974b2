internal import GatewayAPI

/// What is gathered while one rule of a root is expanded.
struct Expansion {
    let root: HTTPRoute
    let kind: ParentKind
    var matches: [PlannedMatch] = []
    /// Every (conditions, owning rule) once: a child reached twice counts once, and the first way to it stands.
    var seen: Set<Emission> = []
    var visits: [Visit: VisitOutcome] = [:]
    var assuredVisitsLeft = PlanLimits.assuredVisitsPerDelegatingRule
    /// References back to the chain that were cut so far.
    var cuts = 0
    var overflow: String?

    init(root: HTTPRoute, kind: ParentKind) {
        self.root = root
        self.kind = kind
    }

    struct Emission: Hashable {
        var conditions: EffectiveMatch
        var owner: ObjectKey
        var rule: Int
    }

    /// A child below certain matches of a parent, with certain inherited fields: whatever the chain, the outcome is the same,
    /// unless a cycle was cut.
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
