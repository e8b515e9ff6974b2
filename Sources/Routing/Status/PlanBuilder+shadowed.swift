internal import GatewayAPI

extension PlanBuilder {
    /// Tells whoever wrote matches that get no requests, in problems and in the status of their routes.
    func reportShadowedMatches() {
        for listener in plan.listeners { reportShadowed(listener.matches, .gateway) }
        for service in plan.services { reportShadowed(service.matches, .mesh) }
    }

    /// Looks at the matches of listeners and lets them go, unless they are kept.
    func settleListeners() {
        guard !keepsMatches else { return }
        for position in plan.listeners.indices where !plan.listeners[position].matches.isEmpty {
            reportShadowed(plan.listeners[position].matches, .gateway)
            noteServing(plan.listeners[position])
            plan.listeners[position].matches = []
        }
    }

    /// As `settleListeners`, with those of the ports of one Service.
    func settle(_ service: ObjectKey) {
        guard !keepsMatches else { return }
        var position = plan.services.count - 1
        while position >= 0, plan.services[position].service == service {
            reportShadowed(plan.services[position].matches, .mesh)
            plan.services[position].matches = []
            position -= 1
        }
        serviceMatches = [:]
        outboundMatches = [:]
    }

    private func reportShadowed(_ matches: [PlannedMatch], _ kind: ParentKind) {
        guard matches.count > 1 else { return }
        for finding in ShadowedMatches.find(matches.filter { !isClosed($0) }) {
            let (rank, other) = (finding.shadowed.rank, finding.by.rank)
            let field = "spec.rules[\(rank.ruleIndex)].matches[\(rank.matchIndex)]"
            let isOneRule = rank.owner == other.owner && rank.ruleIndex == other.ruleIndex
            let place = finding.hostnames.isEmpty ? "" : " on " + finding.hostnames.joined(separator: ", ")
            let relation = finding.isSame ? "has the same conditions" : "takes all of its paths"
            let consequence = isOneRule ? "it changes nothing" : "this one gets no requests\(place)"
            func sentence(_ subject: String) -> String { "\(subject) \(relation) and comes first; \(consequence)" }
            let match = "rules[\(other.ruleIndex)].matches[\(other.matchIndex)]"
            report(
                .warning, id: finding.isSame ? .duplicateMatch : .shadowed, route: rank.owner, field: field,
                value: finding.shadowed.path.value, sentence("\(match) of HTTPRoute \(other.owner)"))
            if isOneRule { continue }
            // Statuses are for tenants, who are not told of other namespaces' objects.
            let isOwn = other.owner.namespace == rank.owner.namespace
            let subject = isOwn ? "\(match) of HTTPRoute \(other.owner)" : "a match of another namespace's route"
            notes[RouteUse(route: rank.owner, kind: kind), default: []].append("\(field): \(sentence(subject))")
        }
    }
}
