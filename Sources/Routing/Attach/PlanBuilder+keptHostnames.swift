internal import GatewayAPI

/// GRPCRoutes are not served. The hostnames that one has on a Gateway are kept for it: requests that no HTTPRoute of
/// the same hostname takes are answered 500, and are not left to routes of a broader hostname, which may be another
/// team's.
extension PlanBuilder {
    func keepHostnames(on gateway: Gateway, _ admission: HostnameAdmission?, _ states: inout [ListenerState]) {
        var kept: [String: Int] = [:]
        var placed: Set<Placement> = []
        for reference in index.grpcReferences[gateway.metadata.key] ?? [] {
            let id = ResourceID(kind: .grpcRoute, key: reference.route)
            guard let route = resources.unservedRoutes[id], reference.parent < route.parentRefs.count else { continue }
            let namespace = reference.route.namespace
            let isAdmitted: (String) -> Bool = { hostname in
                namespace == gateway.metadata.key.namespace
                    || admission?.refusing(hostname, to: namespace) == nil
            }
            for listener in candidates(for: route, route.parentRefs[reference.parent], gateway, states) {
                let own = states[listener].listener.hostname
                let hostnames = (HostnameIntersection.intersect(listener: own, route: route.hostnames) ?? [])
                    .filter(isAdmitted)
                guard !hostnames.isEmpty, placed.insert(Placement(route: id.key, listener: listener)).inserted
                else { continue }
                guard kept[namespace, default: 0] + hostnames.count <= PlanLimits.keptHostnames else { break }
                kept[namespace, default: 0] += hostnames.count
                var match = closed(BrokenGuard(kind: .grpcRoute, route: id.key, reason: route.reason))
                match.hostnames = hostnames
                states[listener].keep(match)
            }
        }
    }

    private struct Placement: Hashable {
        var route: ObjectKey
        var listener: Int
    }

    private func candidates(
        for route: UnservedRoute, _ parent: ParentReference, _ gateway: Gateway, _ states: [ListenerState]
    ) -> [Int] {
        let namespace = route.metadata.key.namespace
        let labels = labels(ofNamespace: namespace)
        return states.indices.filter { position in
            let listener = states[position].listener
            return (parent.sectionName ?? listener.name) == listener.name
                && (parent.port ?? listener.port) == listener.port
                && states[position].wouldAllow(
                    grpcRouteIn: namespace, gatewayNamespace: gateway.metadata.key.namespace, labels: labels)
        }
    }

    /// Whether it answers for a route that is not in force.
    func isClosed(_ match: PlannedMatch) -> Bool {
        if case .closed = plan.rules[match.rule].action { true } else { false }
    }
}
