internal import GatewayAPI

/// What the HTTPRoutes of one namespace may come to together. Beyond it the namespace's newest routes are left out, so that what
/// one team writes takes neither time nor memory from others.
///
/// It depends on the namespace's routes alone, attached or not: every proxy and the controller come to the same.
struct NamespaceBudget {
    /// Matches, each for every hostname of its route, with the conditions of each.
    static let entries = 131_072

    /// Why a route is beyond the budget.
    private(set) var excess: [ObjectKey: String] = [:]

    private var entriesLeft = NamespaceBudget.entries
    private var costLeft = ExpressionLimits.namespaceCost
    /// Has to pay for no expression more: some route before had too many.
    private var isFull = false
    private var paid: Set<String> = []

    /// - Parameter routes: of one namespace, the oldest first.
    init(_ routes: some Sequence<HTTPRoute>, _ expressions: ExpressionCache) {
        for route in routes {
            let key = route.metadata.key
            if let reason = takeEntries(of: route) ?? takeExpressions(of: route, expressions) { excess[key] = reason }
        }
    }

    private mutating func takeEntries(of route: HTTPRoute) -> String? {
        let places = max(route.hostnames.count, 1)
        let entries = route.rules.reduce(0) { sum, rule in
            rule.matches.reduce(sum) { $0 + places * (1 + $1.headers.count + $1.queryParams.count) }
        }
        guard entries <= entriesLeft else {
            return "namespace \(route.metadata.key.namespace) has more matches and conditions than the "
                + "\(Self.entries) that it may have (each counts once a hostname), and this is one of its newest routes"
        }
        entriesLeft -= entries
        return nil
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

extension PlanBuilder {
    /// Why a route is beyond the budget of its namespace; nil for nearly all.
    func excess(of route: HTTPRoute) -> String? {
        let key = route.metadata.key
        if let known = budgets[key.namespace] { return known.excess[key] }
        let routes = (index.routesByAge[key.namespace] ?? []).lazy.compactMap { [resources] in resources.httpRoutes[$0]
        }
        let budget = NamespaceBudget(routes, expressions)
        budgets[key.namespace] = budget
        return budget.excess[key]
    }
}
