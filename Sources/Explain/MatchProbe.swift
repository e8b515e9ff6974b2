internal import GatewayAPI
internal import Routing

/// Asks the table's own matcher about single matches: each is laid out alone, with nothing to compete with.
struct MatchProbe {
    private let plan: RoutePlan
    private let listener: PlannedListener?
    private let service: PlannedService?

    init(_ plan: RoutePlan) {
        // Any frontend will do as a carrier; its own matches are replaced.
        listener = plan.listeners.first { $0.isUsable }
        service = plan.services.first
        self.plan = RoutePlan()
    }

    /// The match that the table would choose among `candidates`.
    func first(of candidates: [PlannedMatch], _ request: RequestView) -> PlannedMatch? {
        var own = candidates
        for position in own.indices { own[position].rule = position }
        let table = table(of: own)
        let rule = table.match(0, request)
        guard rule >= 0 else { return nil }
        let position = Int(table.rule(rule).planned)
        return candidates.indices.contains(position) ? candidates[position] : nil
    }

    func holds(_ match: PlannedMatch, _ request: RequestView) -> Bool {
        first(of: [match], request) != nil
    }

    private func table(of matches: [PlannedMatch]) -> RouteTable {
        var plan = plan
        plan.rules = matches.indices.map {
            PlannedRule(origin: RuleOrigin(chain: [], ruleIndex: $0), action: .fail(reason: ""))
        }
        if var listener {
            listener.matches = matches
            plan.listeners = [listener]
        } else if var service {
            service.matches = matches
            plan.services = [service]
        }
        return RouteTable(plan: plan)
    }
}
