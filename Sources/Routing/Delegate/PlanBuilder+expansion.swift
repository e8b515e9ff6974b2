internal import GatewayAPI

extension PlanBuilder {
    /// A root's matches, delegation included, without hostnames; made once per kind of parent.
    func compiledMatches(of route: HTTPRoute, kind: ParentKind) -> [PlannedMatch] {
        let use = RouteUse(route: route.metadata.key, kind: kind)
        if let known = compiled[use] { return known }
        var matches: [PlannedMatch] = []
        for (position, verdict) in verdicts(of: route).enumerated() {
            let context = RuleContext(
                chain: [route.metadata.key], route: route, rule: position, matches: verdict.matches,
                inherited: RuleBody())
            var expansion = Expansion(root: route, kind: kind)
            expand(context, verdict, &expansion)
            if let reason = expansion.overflow {
                report(
                    route: context.owner, field: "spec.rules[\(position)].backendRefs",
                    "\(reason); the rule answers 500")
                noteOverflow(reason, context, kind)
                expansion = Expansion(root: route, kind: kind)
                emit(.fail(reason: reason), verdict.body, context.matches, context, &expansion)
            }
            matches += expansion.matches
        }
        compiled[use] = matches
        return matches
    }

    private func noteOverflow(_ reason: String, _ context: RuleContext, _ kind: ParentKind) {
        let defect = ReferenceDefect(reason: .unsupportedValue, message: reason)
        findings[RouteUse(route: context.owner, kind: kind), default: RouteFindings()].references.insert(
            RouteFindings.Reference(rule: context.rule, ref: 0, defect: defect))
    }

    /// Plans one rule in its place in the chain.
    func expand(_ context: RuleContext, _ verdict: RuleVerdict, _ expansion: inout Expansion) {
        let body = verdict.body.inheriting(context.inherited)
        if let fault = verdict.fault {
            emit(.fail(reason: fault.message), body, context.matches, context, &expansion)
        } else if verdict.isDelegating {
            delegate(context, body, &expansion)
        } else {
            emitServing(context, body, &expansion)
        }
    }

    /// A rule that answers itself: forwards or redirects.
    private func emitServing(_ context: RuleContext, _ body: RuleBody, _ expansion: inout Expansion) {
        let rule = context.route.rules[context.rule]
        var action: PlannedRule.Action
        if let redirect = body.redirect {
            action = .redirect(redirect)
        } else {
            action = forwardAction(of: rule, at: context.rule, of: context.owner, kind: expansion.kind)
        }
        guard body.needsPrefixMatch else {
            return emit(action, body, context.matches, context, &expansion)
        }
        // An inherited prefix replacement meets whatever matches the child has.
        let fitting = context.matches.filter { $0.path.kind == .prefix }
        emit(action, body, fitting, context, &expansion)
        let others = context.matches.filter { $0.path.kind != .prefix }
        guard !others.isEmpty else { return }
        let reason = "the inherited ReplacePrefixMatch needs PathPrefix matches"
        report(
            route: context.owner, field: "spec.rules[\(context.rule)].matches",
            "\(reason); the other matches answer 500")
        emit(.fail(reason: reason), body, others, context, &expansion)
    }

    /// Adds one planned rule with those of the matches that the root does not have yet, and one that answers 500 for those of
    /// which it is not known what they match.
    func emit(
        _ action: PlannedRule.Action, _ body: RuleBody, _ matches: [EffectiveMatch], _ context: RuleContext,
        _ expansion: inout Expansion
    ) {
        guard let reason = matches.lazy.compactMap(\.undecided).first else {
            return add(action, body, matches, context, &expansion)
        }
        add(action, body, matches.filter { $0.undecided == nil }, context, &expansion)
        add(.fail(reason: reason), body, matches.filter { $0.undecided != nil }, context, &expansion)
    }

    private func add(
        _ action: PlannedRule.Action, _ body: RuleBody, _ matches: [EffectiveMatch], _ context: RuleContext,
        _ expansion: inout Expansion
    ) {
        let fresh = matches.filter { match in
            let emission = Expansion.Emission(conditions: match.conditions, owner: context.owner, rule: context.rule)
            return expansion.seen.insert(emission).inserted
        }
        guard !fresh.isEmpty, expansion.overflow == nil else { return }
        if context.chain.count > 1, expansion.matches.count + fresh.count > PlanLimits.matchesPerDelegatingRule {
            expansion.overflow = "delegation expands to more than \(PlanLimits.matchesPerDelegatingRule) matches"
            return
        }
        let position = plan.rules.count
        plan.rules.append(
            PlannedRule(
                origin: RuleOrigin(
                    chain: context.chain, ruleIndex: context.rule, ruleName: context.route.rules[context.rule].name),
                action: action, requestHeaders: body.requestHeaders, responseHeaders: body.responseHeaders,
                inheritedHeaders: body.inheritedHeaders, rewrite: body.redirect == nil ? body.rewrite : nil,
                timeouts: body.timeouts ?? HTTPRouteTimeouts()))
        expansion.matches += fresh.map { $0.planned(rule: position, context, root: expansion.root) }
    }
}

extension EffectiveMatch {
    fileprivate func planned(rule: Int, _ context: RuleContext, root: HTTPRoute) -> PlannedMatch {
        // Objects without a creationTimestamp are of equal age.
        let rank = PlannedMatch.Rank(
            rootCreation: root.metadata.creationTimestamp ?? 0, root: root.metadata.key,
            ownerCreation: context.route.metadata.creationTimestamp ?? 0, owner: context.owner,
            ruleIndex: context.rule, matchIndex: position)
        return PlannedMatch(
            path: path, headers: headers, queryParams: queryParams, method: method, rule: rule, rank: rank,
            isUndecided: undecided != nil)
    }
}
