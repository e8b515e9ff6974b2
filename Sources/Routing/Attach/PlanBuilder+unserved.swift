internal import GatewayAPI

extension PlanBuilder {
    /// ParentRefs that lead nowhere, and routes that nothing leads to.
    func reportUnservedRoutes() {
        let offeredAndTaken = Set(childUses.keys.map { Offer(child: $0.child, parent: $0.parent) })
        // To one that was refused a parent does delegate, and it has been told what it was refused for.
        let offered = Set(childUses.keys.map(\.child))
        var orphans: [Orphan] = []
        for key in resources.httpRoutes.keys.sorted() {
            guard let route = resources.httpRoutes[key] else { continue }
            _ = verdicts(of: route)
            if route.parentRefs.isEmpty, !servedRoutes.contains(key), !offered.contains(key) {
                report(
                    id: .unservedRoute, route: key, field: "spec.parentRefs", dependsOn: Self.delegationSources,
                    follows: suitors(of: route),
                    "no parentRefs, and no parent delegates to it; the route is not served")
            }
            for (position, parent) in route.parentRefs.enumerated() {
                guard let refusal = refusal(of: parent, route, offeredAndTaken) else { continue }
                // What the decoder refused it has reported itself, with the line.
                if parent.defect == nil {
                    report(
                        id: .notAttached, route: key, field: "spec.parentRefs[\(position)]", value: parent.name,
                        dependsOn: refusal.dependsOn, follows: refusal.follows,
                        "\(refusal.reason); the route is not served there")
                }
                if let named = refusal.route {
                    orphans.append(Orphan(route: route, parentRef: parent, parent: named, reason: refusal.reason))
                }
            }
        }
        refuse(orphans)
    }

    /// Routes that would delegate to this one if they could: those that cannot be read may have meant it.
    private func suitors(of route: HTTPRoute) -> [ProblemCause] {
        let key = route.metadata.key
        let willing = resources.httpRoutes.values.filter { $0.metadata.key != key && Delegation.selects(route, in: $0) }
            .map(\.metadata.key).sorted()
        return willing.map { ProblemCause(.httpRoute, $0, field: "spec") }
            + unreadableRoutes(in: nil).map { ProblemCause(.httpRoute, $0, isCertain: false) }
    }

    /// What it takes besides Services for a route to delegate: it is expanded from roots, and only those of our
    /// Gateways.
    private static let delegationSources: ResourceKinds = [.httpRoute, .gateway, .gatewayClass]

    private struct Refusal {
        var reason: String
        var dependsOn: ResourceKinds = []
        var follows: [ProblemCause] = []
        /// The parent, where it is an HTTPRoute that exists.
        var route: ObjectKey?
    }

    private struct Offer: Hashable {
        var child: ObjectKey
        var parent: ObjectKey
    }

    /// Why a parentRef has no effect, where no status of the parent's kind says so.
    private func refusal(of parent: ParentReference, _ route: HTTPRoute, _ taken: Set<Offer>) -> Refusal? {
        let key = route.metadata.key
        let target = ObjectKey(namespace: parent.namespace ?? key.namespace, name: parent.name)
        if let defect = parent.defect {
            guard parent.target == .route else { return nil }
            return Refusal(reason: defect, route: resources.httpRoutes[target]?.metadata.key)
        }
        switch parent.target {
        case .gateway:
            guard resources.gateways[target] == nil else { return nil }
            return Refusal(
                reason: "Gateway \(target) does not exist", dependsOn: .gateway,
                follows: [ProblemCause(.gateway, target)])
        case .service:
            return nil
        case .route:
            if taken.contains(Offer(child: key, parent: target)) { return nil }
            return refusal(of: route, by: target, isExplicit: parent.isExplicit)
        case .unknown:
            let written = "\(parent.group)/\(parent.kind)"
            return Refusal(reason: "\(written) is no parent that is known here (\(Self.advice(on: parent)))")
        }
    }

    private static func advice(on parent: ParentReference) -> String {
        let kinds = ["Gateway", "HTTPRoute", "Service"]
        if parent.kind == "Service" { return "a Service needs group \"\"" }
        if kinds.contains(parent.kind) { return "the group of \(parent.kind) is \(GroupName.gatewayAPI)" }
        return Spelling.nearest(to: parent.kind, among: kinds).map { "\($0) is" }
            ?? "Gateway, HTTPRoute and Service are"
    }

    /// Why an HTTPRoute has no use for a route that names it as its parent.
    private func refusal(of route: HTTPRoute, by parent: ObjectKey, isExplicit: Bool) -> Refusal {
        let named = resources.httpRoutes[parent]
        guard isExplicit else {
            return Refusal(
                reason: "group and kind have to be written out to name a parent HTTPRoute",
                route: named?.metadata.key)
        }
        guard let named else {
            let follows = [ProblemCause(.httpRoute, parent)]
            guard resources.unservedRoutes[ResourceID(kind: .httpRoute, key: parent)] == nil else {
                return Refusal(reason: "HTTPRoute \(parent) is there and cannot be read", follows: follows)
            }
            return Refusal(
                reason: "HTTPRoute \(parent) does not exist", dependsOn: .httpRoute, follows: follows)
        }
        guard Delegation.selects(route, in: named) else {
            return Refusal(reason: "HTTPRoute \(parent) does not delegate here", route: parent)
        }
        // A root has been expanded with all its matches: what keeps its rule from descending is its own.
        return Refusal(
            reason: "no rule of HTTPRoute \(parent) that delegates here is served",
            dependsOn: isExpandedRoot(parent) ? [] : Self.delegationSources,
            follows: [ProblemCause(.httpRoute, parent, field: "spec")], route: parent)
    }

    private func isExpandedRoot(_ route: ObjectKey) -> Bool {
        [ParentKind.gateway, .mesh].contains { compiled[RouteUse(route: route, kind: $0)] != nil }
    }
}
