internal import GatewayAPI

extension PlanBuilder {
    /// ParentRefs that lead nowhere, and routes that nothing leads to.
    func reportUnservedRoutes() {
        let offeredAndTaken = Set(childUses.keys.map { Offer(child: $0.child, parent: $0.parent) })
        for key in resources.httpRoutes.keys.sorted() {
            guard let route = resources.httpRoutes[key] else { continue }
            _ = verdicts(of: route)
            if route.parentRefs.isEmpty, !servedRoutes.contains(key) {
                report(
                    route: key, field: "spec.parentRefs",
                    "no parentRefs, and no parent delegates to it; the route is not served")
            }
            for (position, parent) in route.parentRefs.enumerated() {
                guard let reason = refusal(of: parent, route, offeredAndTaken) else { continue }
                report(
                    route: key, field: "spec.parentRefs[\(position)]", value: parent.name,
                    "\(reason); the route is not served there")
            }
        }
    }

    private struct Offer: Hashable {
        var child: ObjectKey
        var parent: ObjectKey
    }

    /// Why a parentRef has no effect, where no status of the parent's kind says so.
    private func refusal(of parent: ParentReference, _ route: HTTPRoute, _ taken: Set<Offer>) -> String? {
        let key = route.metadata.key
        let target = ObjectKey(namespace: parent.namespace ?? key.namespace, name: parent.name)
        switch parent.target {
        case .gateway:
            return resources.gateways[target] == nil ? "Gateway \(target) does not exist" : nil
        case .service:
            return nil
        case .route:
            if taken.contains(Offer(child: key, parent: target)) { return nil }
            guard parent.isExplicit else { return "group and kind have to be written out to name a parent HTTPRoute" }
            guard resources.httpRoutes[target] != nil else { return "HTTPRoute \(target) does not exist" }
            return "HTTPRoute \(target) does not delegate here"
        case .unknown:
            return "\(parent.group)/\(parent.kind) is no parent that is known here (a Service needs group \"\")"
        }
    }
}
