internal import GatewayAPI

/// A route that offers itself to an HTTPRoute which exists and has no use for it.
struct Orphan {
    var route: HTTPRoute
    var parentRef: ParentReference
    var parent: ObjectKey
    var reason: String
}

extension PlanBuilder {
    /// Tells those whose parent is ours to judge. A route that leads to none of our Gateways or Services may be another
    /// controller's, and so may its children: nothing is said to them.
    func refuse(_ orphans: [Orphan]) {
        let judged = judgedUses(orphans)
        for orphan in orphans {
            for kind in [ParentKind.gateway, .mesh] {
                guard judged.contains(RouteUse(route: orphan.parent, kind: kind)) else { continue }
                pendingParents.append(
                    PendingParent(
                        route: orphan.route.metadata.key, parentRef: orphan.parentRef, kind: kind,
                        refusal: AttachRefusal("NoMatchingParent", orphan.reason)))
                resolveReferences(of: orphan.route, kind: kind)
            }
        }
    }

    /// The routes whose status we write, orphans included: one that waits for an orphan leads to us just so.
    private func judgedUses(_ orphans: [Orphan]) -> Set<RouteUse> {
        let waiting = Dictionary(grouping: orphans, by: \.parent)
        var judged = Set(pendingParents.map { RouteUse(route: $0.route, kind: $0.kind) })
        judged.formUnion(childUses.keys.map { RouteUse(route: $0.child, kind: $0.kind) })
        var next = Array(judged)
        while let use = next.popLast() {
            for orphan in waiting[use.route] ?? [] {
                let child = RouteUse(route: orphan.route.metadata.key, kind: use.kind)
                if judged.insert(child).inserted { next.append(child) }
            }
        }
        return judged
    }

    /// The findings about its backends belong into the status all the same. Its own children are not visited: nothing
    /// comes to them this way.
    private func resolveReferences(of route: HTTPRoute, kind: ParentKind) {
        for (position, verdict) in verdicts(of: route).enumerated() {
            guard verdict.fault == nil, !verdict.isDelegating, verdict.body.redirect == nil else { continue }
            _ = forwardAction(of: route.rules[position], at: position, of: route.metadata.key, kind: kind)
        }
    }
}
