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
        #expect(plan.listeners.allSatisfy { $0.isUsable || ($0.matches.isEmpty && $0.tls == nil) })
        checkListeners(plan)
        for rule in plan.rules {
            guard case .forward(let shares) = rule.action else { continue }
            for share in shares {
                if case .backend(let position) = share.target { #expect(plan.backends.indices.contains(position)) }
            }
        }
        #expect(Set(plan.backends).count == plan.backends.count)
    }

    /// What listens on a port of a Gateway is of one sort, has certificates if it needs them, and one listener for each
    /// name.
    private static func checkListeners(_ plan: RoutePlan) {
        struct Place: Hashable {
            var gateway: ObjectKey
            var port: UInt16
        }
        let usable = plan.listeners.filter(\.isUsable)
        #expect(usable.allSatisfy { $0.tls.map { !$0.certificates.isEmpty } ?? true })
        #expect(
            usable.allSatisfy { ($0.tls?.certificates ?? []).allSatisfy { plan.wantedSecrets.contains($0.secret) } })
        for listeners in Dictionary(grouping: usable, by: { Place(gateway: $0.gateway, port: $0.port) }).values {
            #expect(Set(listeners.map { $0.tls != nil }).count == 1)
            #expect(Set(listeners.map { $0.hostname ?? "" }).count == listeners.count)
        }
        for (key, status) in plan.statuses.gateways {
            let planned = plan.listeners.filter { $0.gateway == key }
            for (listener, told) in zip(planned, status.listeners) {
                let isProgrammed = told.conditions.contains { $0.type == "Programmed" && $0.status }
                #expect(listener.isUsable || !isProgrammed)
                #expect(told.conditions.count <= 8 && Set(told.conditions.map(\.type)).count == told.conditions.count)
            }
        }
    }
}
