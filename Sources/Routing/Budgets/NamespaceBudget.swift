internal import GatewayAPI

/// What the HTTPRoutes of one namespace may come to together. Beyond it the namespace's newest routes are left out, so
/// that what one team writes takes neither time nor memory from others.
///
/// It depends on the namespace's routes alone, attached or not: every proxy and the controller come to the same.
struct NamespaceBudget {
    /// Matches, each for every hostname of its route, with the conditions of each; rules, with the header changes of
    /// each for every backendRef, eight of which count as one.
    static let entries = 131_072
    /// Bytes of a path, or of a condition's name and value, that take as much time and memory as an entry.
    private static let bytesOfEntry = 64
    /// Header changes that take as much memory as an entry.
    private static let changesOfEntry = 8
    /// Matches of routes that are beyond that, each for every hostname of its route: so many are told apart to be
    /// answered 500.
    static let substitutes = entries / 8

    /// A route that is beyond the budget.
    struct Excess {
        var reason: String
        var remains: Remains
    }

    /// What is left of such a route, all of which answers 500.
    enum Remains {
        /// Its matches as they are, but for expressions.
        case matches
        /// The paths of its matches.
        case paths
        /// Nothing: it is attached to no parent.
        case nothing
    }

    private(set) var excess: [ObjectKey: Excess] = [:]

    private var entriesLeft = NamespaceBudget.entries
    private var substitutesLeft = NamespaceBudget.substitutes
    private var costLeft = ExpressionLimits.namespaceCost
    /// Has to pay for no expression more: some route before had too many.
    private var isFull = false
    private var paid: Set<String> = []

    /// - Parameter routes: of one namespace, the oldest first.
    init(_ routes: some Sequence<HTTPRoute>, _ expressions: ExpressionCache) {
        for route in routes {
            let key = route.metadata.key
            if let beyond = takeEntries(of: route) {
                excess[key] = beyond
            } else if let reason = takeExpressions(of: route, expressions) {
                excess[key] = Excess(reason: reason, remains: .matches)
            }
        }
    }

    private mutating func takeEntries(of route: HTTPRoute) -> Excess? {
        let places = max(route.hostnames.count, 1)
        let entries = route.rules.reduce(0) { sum, rule in
            rule.matches.reduce(sum + 1 + rule.headerChanges / Self.changesOfEntry) {
                $0 + places * Self.weight(of: $1)
            }
        }
        guard entries > entriesLeft else {
            entriesLeft -= entries
            return nil
        }
        let namespace = route.metadata.key.namespace
        let substitutes = route.rules.reduce(0) { $0 + places * $1.matches.count }
        guard substitutes <= substitutesLeft else {
            return Excess(
                reason: "namespace \(namespace) has more than twice as many rules, matches and conditions as the "
                    + "\(Self.entries) that it may have, and this is one of its newest routes", remains: .nothing)
        }
        substitutesLeft -= substitutes
        return Excess(
            reason: "namespace \(namespace) has more rules, matches and conditions than the \(Self.entries) that it "
                + "may have (each counts once a hostname), and this is one of its newest routes", remains: .paths)
    }

    private static func weight(of match: HTTPRouteMatch) -> Int {
        let path = match.path?.value.utf8.count ?? 0
        return (match.headers + match.queryParams).reduce(1 + path / bytesOfEntry) {
            $0 + 1 + ($1.name.utf8.count + $1.value.utf8.count) / bytesOfEntry
        }
    }

    private mutating func takeExpressions(of route: HTTPRoute, _ expressions: ExpressionCache) -> String? {
        var cost = 0
        var own: Set<String> = []
        for rule in route.rules {
            for match in rule.matches where match.hasExpressions {
                for (_, pattern) in match.expressions where !paid.contains(pattern) && own.insert(pattern).inserted {
                    if isFull { return Self.full(route) }
                    cost += expressions.verdict(pattern).cost
                    if cost > ExpressionLimits.routeCost {
                        costLeft -= cost
                        isFull = costLeft <= 0
                        return "the regular expressions of the route come to more than \(ExpressionLimits.routeCost) "
                            + "instructions in compiled form"
                    }
                }
            }
        }
        if own.isEmpty { return nil }
        costLeft -= cost
        guard costLeft >= 0 else {
            isFull = true
            return Self.full(route)
        }
        paid.formUnion(own)
        return nil
    }

    private static func full(_ route: HTTPRoute) -> String {
        "the regular expressions of namespace \(route.metadata.key.namespace) come to more than the "
            + "\(ExpressionLimits.namespaceCost) instructions that they may in compiled form, and this is one of its newest routes"
    }
}

extension HTTPRouteRule {
    /// Header changes that its filters come to, which are laid out for each of its backendRefs with those of the
    /// backendRef.
    fileprivate var headerChanges: Int {
        let own = Self.headerChanges(filters)
        return backendRefs.reduce(own) { $0 + own + Self.headerChanges($1.filters) }
    }

    private static func headerChanges(_ filters: [HTTPRouteFilter]) -> Int {
        filters.reduce(0) { sum, filter in
            switch filter {
            case .requestHeaderModifier(let modifier), .responseHeaderModifier(let modifier): sum + modifier.changes
            case .requestRedirect, .urlRewrite, .unusable: sum
            }
        }
    }
}

extension HeaderModifier {
    var changes: Int { self.set.count + add.count + remove.count }
}

extension PlanBuilder {
    /// Why a route is attached to no parent: its namespace is far beyond its budget.
    func budgetRefusal(of route: HTTPRoute) -> AttachRefusal? {
        guard let excess = excess(of: route), excess.remains == .nothing else { return nil }
        return AttachRefusal("UnsupportedValue", excess.reason)
    }

    /// Why a route is beyond the budget of its namespace; nil for nearly all.
    func excess(of route: HTTPRoute) -> NamespaceBudget.Excess? {
        let key = route.metadata.key
        if let known = budgets[key.namespace] { return known.excess[key] }
        let routes = (index.routesByAge[key.namespace] ?? []).lazy.compactMap { [resources] in resources.httpRoutes[$0]
        }
        let budget = NamespaceBudget(routes, expressions)
        budgets[key.namespace] = budget
        return budget.excess[key]
    }
}
