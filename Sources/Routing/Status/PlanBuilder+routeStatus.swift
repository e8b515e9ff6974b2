internal import GatewayAPI

extension PlanBuilder {
    /// Every rule of the route is out of use; it still answers, and still counts as attached for the mesh.
    func isWhollyUnusable(_ route: HTTPRoute) -> Bool {
        let verdicts = verdicts(of: route)
        return !verdicts.isEmpty
            && verdicts.allSatisfy { $0.fault != nil || $0.matches.allSatisfy { $0.undecided != nil } }
    }

    /// Writes the entries of all parents, now that every expansion has been made.
    func finishRouteStatus() {
        for pending in pendingParents {
            guard let route = resources.httpRoutes[pending.route] else { continue }
            append(
                conditions(of: route, kind: pending.kind, refusal: pending.refusal, childDrops: []), to: route,
                pending.parentRef, pending.kind)
        }
        for use in childUses.keys.sorted(by: ChildUse.precedes) {
            guard let route = resources.httpRoutes[use.child], let outcome = childUses[use] else { continue }
            let (refusal, drops) = judgement(of: outcome, use, route)
            append(
                conditions(of: route, kind: use.kind, refusal: refusal, childDrops: drops), to: route,
                Delegation.parentReference(of: route, to: use.parent), use.kind)
        }
    }

    private func append(
        _ conditions: [Condition], to route: HTTPRoute, _ parentRef: ParentReference, _ kind: ParentKind
    ) {
        let status = RouteParentStatus(
            parentRef: parentRef, controllerName: kind.controllerName, conditions: conditions)
        var entries = plan.statuses.httpRoutes[route.metadata.key] ?? []
        // One parent is one entry, even when a parentRef is repeated; a good one speaks for a refused one that reads
        // the same.
        let known = entries.firstIndex {
            $0.parentRef.identity == parentRef.identity && $0.controllerName == kind.controllerName
        }
        if let known {
            if entries[known].parentRef.defect != nil, parentRef.defect == nil { entries[known] = status }
        } else {
            entries.append(status)
        }
        plan.statuses.httpRoutes[route.metadata.key] = entries
    }

    private func conditions(
        of route: HTTPRoute, kind: ParentKind, refusal: AttachRefusal?, childDrops: [String]
    ) -> [Condition] {
        let verdicts = verdicts(of: route)
        let generation = route.metadata.generation
        let dropped = Self.dropped(verdicts) + childDrops
        var conditions: [Condition] = []
        func add(_ type: String, _ status: Bool, _ reason: String, _ message: String) {
            conditions.append(
                Condition(
                    type: type, status: status, reason: reason, message: message, observedGeneration: generation))
        }
        if let refusal {
            add("Accepted", false, refusal.reason, refusal.message)
        } else if isWhollyUnusable(route) {
            let isIncompatible = verdicts.allSatisfy { $0.fault?.isIncompatible ?? false }
            add("Accepted", false, isIncompatible ? "IncompatibleFilters" : "UnsupportedValue", Self.quote(dropped))
        } else {
            let notes = notes[RouteUse(route: route.metadata.key, kind: kind)] ?? []
            add("Accepted", true, "Accepted", Self.quote(notes))
        }
        let references = findings[RouteUse(route: route.metadata.key, kind: kind)]?.ordered ?? []
        if let first = references.first {
            let lines = references.map { "spec.rules[\($0.rule)].backendRefs[\($0.ref)]: \($0.defect.message)" }
            add("ResolvedRefs", false, first.defect.reason.rawValue, Self.quote(lines))
        } else {
            add("ResolvedRefs", true, "ResolvedRefs", "")
        }
        if refusal == nil, !isWhollyUnusable(route), !dropped.isEmpty {
            add("PartiallyInvalid", true, "UnsupportedValue", "Dropped Rule(s): " + Self.quote(dropped))
        }
        return conditions
    }

    private static func dropped(_ verdicts: [RuleVerdict]) -> [String] {
        verdicts.enumerated().flatMap { position, verdict in
            verdict.droppedMatches
                + (verdict.fault.map { ["spec.rules[\(position)] answers 500: \($0.message)"] } ?? [])
        }
    }

    /// A message of bounded length.
    static func quote(_ lines: [String]) -> String {
        let shown = lines.prefix(PlanLimits.findingsPerMessage).joined(separator: "; ")
        let hidden = lines.count - PlanLimits.findingsPerMessage
        return hidden > 0 ? "\(shown); and \(hidden) more" : shown
    }
}
