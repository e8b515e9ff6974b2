internal import GatewayAPI
internal import Routing

/// A Service without ClusterIP has no frontend: its callers dial its pods, and what guards these decides.
extension Explainer {
    /// What becomes of a request to a port of such a Service.
    func headlessOutcome(_ service: Service, port: UInt16) -> (outcome: Explanation.Outcome, reasons: [String]) {
        let key = service.metadata.key
        if let closed = plan.problems.first(where: { $0.closes(key, port: port) }) {
            return (
                .answered(status: 500, reason: "a route that is to guard Service \(key) is not in force"),
                ["Service \(key) has no ClusterIP: callers reach its pods directly, and these refuse", closed.message]
            )
        }
        let absence = "Service \(key) has no ClusterIP, so it is no frontend: connections go to its pods as they are"
        let guards = guardians(of: service)
        guard !guards.isEmpty else { return (.noFrontend("\(absence), and no routes apply there"), []) }
        let names = guards.map { "Service \($0)" }.joined(separator: ", ")
        return (
            .noFrontend(
                "\(absence); there the routes of \(names) apply, which lead\(guards.count == 1 ? "s" : "") to the same pods"
            ),
            []
        )
    }

    /// Services with routes of their own namespace that lead to pods of this one.
    private func guardians(of service: Service) -> [ObjectKey] {
        let namespace = service.metadata.key.namespace
        let pods = places(of: service.metadata.key)
        return Set(namedByRoutes(in: namespace)).filter { key in
            guard key != service.metadata.key, let other = resources.services[key], !other.isHeadless,
                RouteEnforcement(of: other) != .off
            else { return false }
            let isSame = !service.selector.isEmpty && other.selector == service.selector
            return isSame || !places(of: key).isDisjoint(with: pods)
        }.sorted()
    }

    /// The Services that routes of a namespace name as their parents there.
    private func namedByRoutes(in namespace: String) -> [ObjectKey] {
        resources.httpRoutes.values.filter { $0.metadata.key.namespace == namespace }.flatMap(\.parentRefs)
            .filter { $0.kind == "Service" && $0.group.isEmpty && ($0.namespace ?? namespace) == namespace }
            .map { ObjectKey(namespace: namespace, name: $0.name) }
    }

    private func places(of service: ObjectKey) -> Set<IPAddress> {
        let slices = resources.endpointSlices.values.filter {
            $0.metadata.key.namespace == service.namespace && $0.serviceName == service.name
        }
        return Set(slices.flatMap(\.endpoints).map(\.address))
    }
}

extension Problem {
    /// Whether it says that a port of the Service is closed for want of its guard.
    fileprivate func closes(_ service: ObjectKey, port: UInt16) -> Bool {
        id == .guardBroken && object == ResourceID(kind: .service, key: service).description
            && value.split(separator: ", ").contains("\(port)")
    }
}
