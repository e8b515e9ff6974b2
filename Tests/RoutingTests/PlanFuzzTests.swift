import GatewayAPI
import Reactor
import Routing
import RoutingFuzz
import Testing

/// The route compiler against made-up resources: the same ones in every run.
@Suite struct PlanFuzzTests {
    @Test(arguments: 0..<400) func plansHoldTheirInvariants(_ seed: Int) {
        var dice = RoutingFuzz.Dice(seed: UInt64(seed))
        let resources = RoutingFuzz.resources(&dice)
        let plan = RoutePlanner.plan(resources: resources, scope: .cluster)
        PlanInvariants.check(plan)
        for match in plan.listeners.flatMap(\.matches) { Self.checkPrefix(match, plan, resources) }
        for rule in plan.rules { Self.checkDefects(rule, resources) }
        // The same resources give the same plan.
        let again = RoutePlanner.plan(resources: resources, scope: .cluster)
        #expect(again.rules == plan.rules && again.problems == plan.problems && again.statuses == plan.statuses)
    }

    /// Literal matches stay below one of the root rule's prefixes.
    static func checkPrefix(_ match: PlannedMatch, _ plan: RoutePlan, _ resources: ResourceSet) {
        let chain = plan.rules[match.rule].origin.chain
        guard chain.count > 1, let root = resources.httpRoutes[chain[0]] else { return }
        let bases = root.rules.flatMap(\.matches).map { $0.path ?? PathMatch(.prefix, "/") }
        if bases.contains(where: { $0.kind == .regularExpression }) { return }
        let samples =
            match.path.kind == .regularExpression ? ["/x", "/ab", "/b", "/ax", "/secret"] : [match.path.value]
        for sample in samples {
            let isInside = bases.contains { base in
                var prefix = base.value
                while prefix.last == "/" { prefix.removeLast() }
                return sample == prefix || sample.hasPrefix(prefix + "/")
            }
            if match.path.kind == .regularExpression {
                if let expression = try? Regex("^(?:\(match.path.value))$"), sample.wholeMatch(of: expression) != nil {
                    #expect(isInside, "\(match.path.value) matches \(sample), outside \(bases)")
                }
            } else {
                #expect(isInside, "\(match.path.value) outside \(bases)")
            }
        }
    }

    static func checkDefects(_ rule: PlannedRule, _ resources: ResourceSet) {
        guard let owner = rule.origin.chain.last, let source = resources.httpRoutes[owner]?.rules[rule.origin.ruleIndex]
        else { return }
        let isDefective =
            source.defect != nil || source.filters.contains { if case .unusable = $0 { true } else { false } }
        guard isDefective else { return }
        guard case .fail = rule.action else {
            return #expect(Bool(false), "a defective rule of \(owner) does not fail")
        }
    }
}
