internal import GatewayAPI

extension PlanBuilder {
    func planGatewayClasses() {
        for (name, gatewayClass) in resources.gatewayClasses
        where gatewayClass.controllerName == RoutePlanner.gatewayController {
            plan.statuses.gatewayClasses[name] = [
                Condition(
                    type: "Accepted", status: true, reason: "Accepted", message: "",
                    observedGeneration: gatewayClass.metadata.generation)
            ]
        }
    }

    func planBackendStatus() {
        for key in resources.backends.keys.sorted() {
            guard let backend = resources.backends[key] else { continue }
            plan.statuses.backends[key] = [
                Condition(
                    type: "Accepted", status: backend.defect == nil,
                    reason: backend.defect == nil ? "Accepted" : "Invalid",
                    message: backend.defect ?? "", observedGeneration: backend.metadata.generation)
            ]
        }
    }

    /// Gateway and listener conditions. `Programmed` says what the plan permits; whoever binds the ports knows the rest.
    func gatewayStatus(of gateway: Gateway, _ states: [ListenerState]) -> GatewayStatus {
        let generation = gateway.metadata.generation
        func condition(_ type: String, _ status: Bool, _ reason: String, _ message: String = "") -> Condition {
            Condition(type: type, status: status, reason: reason, message: message, observedGeneration: generation)
        }
        let good = states.filter(\.isUsable).count
        let accepted = condition(
            "Accepted", good > 0, good == states.count && good > 0 ? "Accepted" : "ListenersNotValid",
            good == states.count ? "" : "\(states.count - good) of \(states.count) listeners are not valid")
        let programmed =
            good > 0
            ? condition("Programmed", true, "Programmed")
            : condition("Programmed", false, "Invalid", "no listener is valid")
        let listeners = states.map { state in
            ListenerStatus(
                name: state.listener.name, supportedKinds: state.supportedKinds, attachedRoutes: state.attachedRoutes,
                conditions: Self.conditions(of: state, condition))
        }
        return GatewayStatus(conditions: [accepted, programmed], listeners: listeners)
    }

    private static func conditions(
        of state: ListenerState, _ condition: (String, Bool, String, String) -> Condition
    ) -> [Condition] {
        let conflict = "another listener has the same port and hostname"
        let accepted =
            if let refusal = state.refusal {
                condition("Accepted", false, refusal.reason, refusal.message)
            } else if state.isConflicted {
                condition("Accepted", false, "HostnameConflict", conflict)
            } else {
                condition("Accepted", true, "Accepted", "")
            }
        let resolved =
            state.hasInvalidKinds
            ? condition(
                "ResolvedRefs", false, "InvalidRouteKinds", "allowedRoutes.kinds names kinds this listener cannot take")
            : condition("ResolvedRefs", true, "ResolvedRefs", "")
        let programmed =
            state.isUsable
            ? condition("Programmed", true, "Programmed", "")
            : condition("Programmed", false, "Invalid", "the listener does not serve")
        let conflicted =
            state.isConflicted
            ? condition("Conflicted", true, "HostnameConflict", conflict)
            : condition("Conflicted", false, "NoConflicts", "")
        return [accepted, resolved, programmed, conflicted]
    }
}
