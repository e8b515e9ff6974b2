internal import GatewayAPI

extension PlanBuilder {
    /// Replaces a delegating rule by its children's. Whatever of its matches no child serves keeps answering 500: it
    /// must never fall through to a broader route.
    func delegate(_ context: RuleContext, _ body: RuleBody, _ expansion: inout Expansion) {
        let children = selectChildren(context, &expansion)
        var served = Array(repeating: false, count: context.matches.count)
        let isRoot = context.chain.count == 1
        // Of a root's children the newest are those that do not fit.
        for child in isRoot ? index.oldestFirst(children.keys, resources) : children.keys {
            guard expansion.overflow == nil, let route = resources.httpRoutes[child] else { continue }
            let mark = isRoot ? expansion.begin(child, rules: plan.rules.count) : nil
            for (position, isServed) in visit(route, below: context, body, &expansion).enumerated() where isServed {
                served[position] = true
            }
            if let mark, let reason = expansion.overflow { leaveOut(route, reason, back: mark, context, &expansion) }
        }
        guard expansion.overflow == nil else { return }
        if let reason = expansion.leftOut {
            let left = context.matches.filter { match in
                !expansion.matches.contains { $0.path == match.path && $0.hasConditions(of: match) }
            }
            noteOverflow(reason, context, expansion.kind)
            return emit(.fail(reason: reason), body, left, context, &expansion)
        }
        let covering = zip(context.matches, served).filter(\.1).map(\.0)
        let comparisons = covering.count * (context.matches.count - covering.count)
        // A root's own matches are few.
        guard isRoot || take(DelegationBudget.Amount(pairs: comparisons), &expansion) else { return }
        let left = zip(context.matches, served).filter { match, isServed in
            !isServed && !covering.contains { MatchComposition.covers($0, match) }
        }.map(\.0)
        guard !left.isEmpty else { return }
        let reason = children.refusal?.message ?? "no match of a child lies inside this rule's"
        reportUnserved(left, of: context, reason, children, expansion.kind)
        emit(.fail(reason: reason), body, left, context, &expansion)
    }

    /// Undoes what a child of the root has added before it turned out not to fit.
    private func leaveOut(
        _ child: HTTPRoute, _ reason: String, back mark: Expansion.Mark, _ context: RuleContext,
        _ expansion: inout Expansion
    ) {
        delegations.giveBack(
            DelegationBudget.Amount(
                matches: expansion.matches.count - mark.matches, changes: expansion.changes - mark.changes),
            root: context.owner.namespace, child: child.metadata.key.namespace)
        expansion.goBack(to: mark)
        plan.rules.removeLast(plan.rules.count - mark.rules)
        let refusal = "\(reason); it is left out, and its paths answer 500"
        let use = ChildUse(child: child.metadata.key, parent: context.owner, kind: expansion.kind)
        childUses[use, default: ChildOutcome()].refusal = AttachRefusal("UnsupportedValue", refusal)
        report(
            id: .delegationLimit, route: child.metadata.key, field: "spec.rules",
            "below HTTPRoute \(context.owner): \(refusal)")
        report(
            id: .delegationLimit, route: context.owner, field: "spec.rules[\(context.rule)].backendRefs",
            value: "\(child.metadata.key)",
            "delegation: \(refusal)")
    }

    private func reportUnserved(
        _ left: [EffectiveMatch], of context: RuleContext, _ reason: String, _ children: SelectedChildren,
        _ kind: ParentKind
    ) {
        let refusal = children.refusal
        let follows =
            refusal == nil
            ? children.keys.map { ProblemCause(.httpRoute, $0, field: "spec.rules") }
            : [ProblemCause(.httpRoute, context.owner, field: "spec.rules[\(context.rule)].backendRefs")]
        for match in left {
            report(
                id: .noChild, route: context.owner,
                field: "spec.rules[\(context.rule)].matches[\(match.position)]",
                value: match.path.value, dependsOn: refusal?.dependsOn ?? [],
                follows: follows,
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
        if isInterrupted { return none }
        let use = ChildUse(child: child.metadata.key, parent: context.owner, kind: expansion.kind)
        var outcome = childUses[use] ?? ChildOutcome()
        guard child.hostnames.isEmpty else {
            outcome.refusal = AttachRefusal(
                "UnsupportedValue", "spec.hostnames must be unset: hostnames come from the root")
            childUses[use] = outcome
            report(
                id: .childOutside, route: child.metadata.key, field: "spec.hostnames",
                value: child.hostnames.joined(separator: ", "),
                "must be unset on a child of \(context.owner); the route is not served there")
            return none
        }
        if let refusal = budgetRefusal(of: child) {
            outcome.refusal = refusal
            childUses[use] = outcome
            // Says so in the problems, too.
            _ = verdicts(of: child)
            return none
        }
        childUses[use] = outcome
        servedRoutes.insert(child.metadata.key)
        let visit = Expansion.Visit(
            parent: context.owner, child: child.metadata.key, matches: context.matches, inherited: body)
        if let known = expansion.visits[visit] { return known }
        guard context.chain.count < PlanLimits.delegationDepth else {
            expansion.overflow = "delegation is deeper than \(PlanLimits.delegationDepth) routes"
            return none
        }
        guard take(DelegationBudget.Amount(visits: 1, pairs: context.matches.count), &expansion) else { return none }
        let cuts = expansion.cuts
        let served = expandChild(child, use, below: context, body, &expansion)
        if expansion.cuts == cuts, expansion.overflow == nil { expansion.note(visit, served) }
        return served
    }

    /// False, with the reason noted, when the budget has no room for it.
    func take(_ amount: DelegationBudget.Amount, _ expansion: inout Expansion) -> Bool {
        let root = expansion.root.metadata.key.namespace
        expansion.overflow = delegations.take(amount, root: root, child: expansion.branch ?? root)
        return expansion.overflow == nil
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
            for (match, advice) in composition.advice {
                childUses[use]?.advice[ChildOutcome.Used(rule: position, match: match)] = advice
            }
            guard !composition.matches.isEmpty else {
                resolveReferences(ofRule: position, verdict, of: child, below: context, &expansion)
                continue
            }
            let below = RuleContext(
                chain: context.chain + [child.metadata.key], route: child, rule: position,
                matches: composition.matches, inherited: body)
            expand(below, verdict, &expansion)
        }
        return served
    }

    /// What a rule refers to is told though none of its matches is served.
    private func resolveReferences(
        ofRule position: Int, _ verdict: RuleVerdict, of child: HTTPRoute, below context: RuleContext,
        _ expansion: inout Expansion
    ) {
        guard verdict.fault == nil else { return }
        if verdict.isDelegating {
            let cuts = expansion.cuts
            let unserved = RuleContext(
                chain: context.chain + [child.metadata.key], route: child, rule: position, matches: [],
                inherited: context.inherited)
            _ = selectChildren(unserved, &expansion)
            expansion.cuts = cuts
        } else if verdict.body.redirect == nil {
            _ = forwardAction(
                of: child.rules[position], at: position, of: child.metadata.key, kind: expansion.kind)
        }
    }

    private struct Composition {
        /// Effective matches, each set of conditions once.
        var matches: [EffectiveMatch] = []
        /// By the parent's match.
        var served: [Bool]
        /// Positions of the child's matches that lie inside the parent's.
        var used: Set<Int> = []
        /// By the position of a match that does not.
        var advice: [Int: String] = [:]
    }

    private func compose(
        _ parents: [EffectiveMatch], _ own: [EffectiveMatch], of child: HTTPRoute, _ expansion: inout Expansion
    ) -> Composition {
        var composition = Composition(served: Array(repeating: false, count: parents.count))
        guard take(DelegationBudget.Amount(pairs: MatchComposition.comparisons(parents, own)), &expansion) else {
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
                    composition.advice[match.position] = inherits ? nil : MatchComposition.advice(parent, match)
                    continue
                }
                if effective.path != match.path, effective.path.kind == .regularExpression, match.undecided == nil,
                    parent.undecided == nil
                {
                    let cost = expressions.verdict(effective.path.value).cost
                    guard take(DelegationBudget.Amount(expressions: cost), &expansion) else { return composition }
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
                let advice = outcome.advice[ChildOutcome.Used(rule: position, match: match.position)] ?? ""
                let path = Self.describe(match.path, written: written) + advice
                outside.append("spec.rules[\(position)].matches[\(match.position)] (\(path))")
            }
        }
        guard !outside.isEmpty else { return (nil, []) }
        let lines = Self.quote(outside)
        report(
            id: .childOutside, route: use.child, field: "spec.rules",
            "outside the matches of parent HTTPRoute \(use.parent), not served there: \(lines)")
        if outside.count == total {
            let message = "every match is outside those of parent HTTPRoute \(use.parent): \(lines)"
            return (AttachRefusal("NoMatchingParent", message), [])
        }
        return (nil, outside.map { "\($0) is outside the matches of parent HTTPRoute \(use.parent)" })
    }
}
