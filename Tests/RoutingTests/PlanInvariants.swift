import GatewayAPI
import Routing
import Testing

/// What holds for every plan, whatever the resources.
enum PlanInvariants {
    static func check(_ plan: RoutePlan) {
        let matches =
            plan.listeners.flatMap(\.matches) + plan.services.flatMap(\.matches)
            + plan.inboundPorts.flatMap { $0.members.flatMap(\.matches) + $0.mergedMatches }
        #expect(matches.allSatisfy { plan.rules.indices.contains($0.rule) })
        #expect(plan.services.allSatisfy { plan.backends.indices.contains($0.backend) })
        #expect(plan.listeners.allSatisfy { $0.isUsable || $0.matches.isEmpty })
        for rule in plan.rules {
            guard case .forward(let shares) = rule.action else { continue }
            for share in shares {
                if case .backend(let position) = share.target { #expect(plan.backends.indices.contains(position)) }
            }
        }
        #expect(Set(plan.backends).count == plan.backends.count)
    }
}
