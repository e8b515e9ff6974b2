internal import GatewayAPI

extension PlanBuilder {
    /// Replaces a delegating rule by its children's. Whatever of its matches no child serves keeps answering 500: it must
    /// never fall through to a broader route.
    func delegate(_ context: RuleContext, _ body: RuleBody, _ expansion: inout Expansion) {
        let children = selectChildren(context, &expansion)
        var served = Array(repeating: false, count: context.matches.count)
        for child in children.keys {
            guard expansion.overflow == nil, let route = resources.httpRoutes[child] else { continue }
            for (position, isServed) in visit(route, below: context, body, &expansion).enumerated() where isServed {
                served[position] = true
            }
        }
        guard expansion.overflow == nil else { return }
        let covering = zip(context.matches, served).filter(\.1).map(\.0)
        let left = zip(context.matches, served).filter { match, isServed in
            !isServed && !covering.contains { MatchComposition.covers($0, match) }
        }.map(\.0)
        guard !left.isEmpty else { return }
        let reason = children.refusal?.message ?? "no match of a child lies inside this rule's"
        reportUnserved(left, of: context, reason, children.refusal, expansion.kind)
        emit(.fail(reason: reason), body, left, context, &expansion)
    }

    private func reportUnserved(
        _ left: [EffectiveMatch], of context: RuleContext, _ reason: String, _ refusal: ReferenceDefect?,
        _ kind: ParentKind
    ) {
        for match in left {
            report(
                route: context.owner, field: "spec.rules[\(context.rule)].matches[\(match.position)]",
                value: match.path.value, dependsOn: refusal?.dependsOn ?? [],
                "delegation: \(reason); the match answers 500")
        }
        // A refused reference is in the condition already.
        if refusal != nil { return }
        let paths = left.prefix(PlanLimits.findingsPerMessage).map(\.path.value).joined(separator: ", ")
        let defect = ReferenceDefect(reason: .backendNotFound, message: "\(reason): \(paths)")
        let position = context.route.rules[context.rule].backendRefs.firstIndex { Delegation.Form($0) != nil } ?? 0
        findings[RouteUse(route: context.owner, kind: kind), default: RouteFindings()].references.insert(
            RouteFindings.Reference(rule: context.rule, ref: position, defect: defect))
    }

    /// Descends into one child; says which of the parent's matches it serves.
    private func visit(
        _ child: HTTPRoute, below context: RuleContext, _ body: RuleBody, _ expansion: inout Expansion
    ) -> Expansion.VisitOutcome {
        let none = Array(repeating: false, count: context.matches.count)
        let use = ChildUse(child: child.metadata.key, parent: context.owner, kind: expansion.kind)
        var outcome = childUses[use] ?? ChildOutcome()
        guard child.hostnames.isEmpty else {
            outcome.refusal = AttachRefusal(
                "UnsupportedValue", "spec.hostnames must be unset: hostnames come from the root")
            childUses[use] = outcome
            report(
                route: child.metadata.key, field: "spec.hostnames", value: child.hostnames.joined(separator: ", "),
                "must be unset on a child of \(context.owner); the route is not served there")
            return none
        }
        childUses[use] = outcome
        servedRoutes.insert(child.metadata.key)
        let visit = Expansion.Visit(
            parent: context.owner, child: child.metadata.key, matches: context.matches, inherited: body)
        if let known = expansion.visits[visit] { return known }
        guard takeVisit(&expansion), context.chain.count < PlanLimits.delegationDepth else {
            expansion.overflow =
                "delegation is deeper than \(PlanLimits.delegationDepth) routes or visits too many children"
            return none
        }
        let cuts = expansion.cuts
        let served = expandChild(child, use, below: context, body, &expansion)
        if expansion.cuts == cuts { expansion.visits[visit] = served }
        return served
    }

    private func takeVisit(_ expansion: inout Expansion) -> Bool {
        if expansion.assuredVisitsLeft > 0 {
            expansion.assuredVisitsLeft -= 1
            return true
        }
        guard sharedVisitsLeft > 0 else { return false }
        sharedVisitsLeft -= 1
        return true
    }

    private func expandChild(
        _ child: HTTPRoute, _ use: ChildUse, below context: RuleContext, _ body: RuleBody,
        _ expansion: inout Expansion
    ) -> Expansion.VisitOutcome {
        var served = Array(repeating: false, count: context.matches.count)
        for (position, verdict) in verdicts(of: child).enumerated() {
            let takesParents = child.rules[position].hasImpliedMatch && Delegation.inheritsParentMatcher(child)
            let composition =
                takesParents
                ? Composition(matches: context.matches, served: served.map { _ in true }, used: [0])
                : compose(context.matches, verdict.matches, of: child, &expansion)
            guard expansion.overflow == nil else { return served }
            for (parent, isServed) in composition.served.enumerated() where isServed { served[parent] = true }
            childUses[use, default: ChildOutcome()].used.formUnion(
                composition.used.map { ChildOutcome.Used(rule: position, match: $0) })
            guard !composition.matches.isEmpty else { continue }
            let below = RuleContext(
                chain: context.chain + [child.metadata.key], route: child, rule: position,
                matches: composition.matches, inherited: body)
            expand(below, verdict, &expansion)
        }
        return served
    }

    private struct Composition {
        /// Effective matches, each set of conditions once.
        var matches: [EffectiveMatch] = []
        /// By the parent's match.
        var served: [Bool]
        /// Positions of the child's matches that lie inside the parent's.
        var used: Set<Int> = []
    }

    private func compose(
        _ parents: [EffectiveMatch], _ own: [EffectiveMatch], of child: HTTPRoute, _ expansion: inout Expansion
    ) -> Composition {
        var composition = Composition(served: Array(repeating: false, count: parents.count))
        guard own.count * parents.count <= PlanLimits.matchesPerDelegatingRule else {
            expansion.overflow = "delegation expands to more than \(PlanLimits.matchesPerDelegatingRule) matches"
            return composition
        }
        let inherits = Delegation.inheritsParentMatcher(child)
        var seen: Set<EffectiveMatch> = []
        for (position, parent) in parents.enumerated() {
            for match in own {
                guard
                    let effective = MatchComposition.compose(
                        parent: parent, child: match, inherits: inherits, expressions: expressions)
                else {
                    continue
                }
                composition.served[position] = true
                composition.used.insert(match.position)
                if seen.insert(effective.conditions).inserted { composition.matches.append(effective) }
            }
        }
        return composition
    }

    /// A path as its author knows it, and what it comes to where that is something else.
    private static func describe(_ path: PathMatch, written: PathMatch?) -> String {
        guard let written, written != path else { return path.value }
        return PathValue.trimmed(written.value) == path.value ? path.value : "\(written.value), which is \(path.value)"
    }

    /// What the status of a child says about one parent: refused, partly left out, or served.
    func judgement(of outcome: ChildOutcome, _ use: ChildUse, _ route: HTTPRoute) -> (AttachRefusal?, [String]) {
        if let refusal = outcome.refusal { return (refusal, []) }
        var outside: [String] = []
        var total = 0
        for (position, verdict) in verdicts(of: route).enumerated() {
            for match in verdict.matches {
                total += 1
                if outcome.used.contains(ChildOutcome.Used(rule: position, match: match.position)) { continue }
                let written = route.rules[position].matches[match.position].path
                outside.append(
                    "spec.rules[\(position)].matches[\(match.position)] (\(Self.describe(match.path, written: written)))"
                )
            }
        }
        guard !outside.isEmpty else { return (nil, []) }
        let lines = Self.quote(outside)
        report(
            route: use.child, field: "spec.rules",
            "outside the matches of parent HTTPRoute \(use.parent), not served there: \(lines)")
        if outside.count == total {
            let message = "every match is outside those of parent HTTPRoute \(use.parent): \(lines)"
            return (AttachRefusal("NoMatchingParent", message), [])
        }
        return (nil, outside.map { "\($0) is outside the matches of parent HTTPRoute \(use.parent)" })
    }
}
