internal import GatewayAPI

extension PlanBuilder {
    /// Expands what delegates, the oldest root first: when a namespace's budget ends, its newest roots are left with
    /// nothing.
    func expandRoots() {
        var roots: [RouteUse] = []
        func add(_ references: [ResourceIndex.Reference], _ kind: ParentKind) {
            for reference in references {
                guard resources.httpRoutes[reference.route]?.rules.contains(where: \.isDelegation) ?? false else {
                    continue
                }
                roots.append(RouteUse(route: reference.route, kind: kind))
            }
        }
        for (gateway, references) in index.gatewayReferences where isPlanned(gateway) { add(references, .gateway) }
        if case .gateway = scope {
        } else {
            for (service, references) in index.serviceReferences where !isDeferred(service) { add(references, .mesh) }
        }
        let order = index.oldestFirst(Set(roots.map(\.route)).sorted(), resources)
        let kinds = Dictionary(grouping: Set(roots), by: \.route)
        for key in order {
            guard !isInterrupted, let route = resources.httpRoutes[key] else { continue }
            for kind in [ParentKind.gateway, .mesh]
            where kinds[key]?.contains(RouteUse(route: key, kind: kind)) ?? false {
                _ = compiledMatches(of: route, kind: kind)
            }
        }
    }

    private func isPlanned(_ gateway: ObjectKey) -> Bool {
        switch scope {
        case .gateway(let planned): gateway == planned && resources.gateways[gateway] != nil
        case .sidecar: false
        case .cluster: resources.gateways[gateway].map(isOurs) ?? false
        }
    }

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
            matches += expansion.matches
        }
        compiled[use] = matches
        return matches
    }

    /// Says in the condition of a root that some child of it was left out.
    func noteOverflow(_ reason: String, _ context: RuleContext, _ kind: ParentKind) {
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
            id: .cannotDelegate, route: context.owner, field: "spec.rules[\(context.rule)].matches",
            "\(reason); the other matches answer 500")
        emit(.fail(reason: reason), body, others, context, &expansion)
    }

    /// Adds one planned rule with those of the matches that the root does not have yet, and one that answers 500 for
    /// those of which it is not known what they match.
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
            return expansion.note(emission)
        }
        guard !fresh.isEmpty, expansion.overflow == nil else { return }
        if context.chain.count > 1 {
            let changes = Self.changes(action, body, context.chain, prefixes: fresh.count)
            guard take(DelegationBudget.Amount(matches: fresh.count, changes: changes), &expansion) else { return }
            expansion.changes += changes
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

extension PlanBuilder {
    /// Bytes of a name that count as much as a header change.
    private static let nameUnit = 24

    /// What a rule below a root comes to beside its matches. One that replaces the prefix that was matched is laid out
    /// for each.
    fileprivate static func changes(
        _ action: PlannedRule.Action, _ body: RuleBody, _ chain: [ObjectKey], prefixes: Int
    ) -> Int {
        let inherited = body.inheritedHeaders
        let modifiers = [body.requestHeaders, body.responseHeaders, inherited.request, inherited.response].joined()
        let own = modifiers.reduce(0) { $0 + 1 + $1.changes }
        var changes = own
        if case .forward(let shares) = action {
            for share in shares {
                changes += own + (share.requestHeaders + share.responseHeaders).reduce(0) { $0 + $1.changes }
            }
        }
        let names = chain.reduce(0) { $0 + 1 + ($1.namespace.utf8.count + $1.name.utf8.count) / nameUnit }
        return names + changes * (body.needsPrefixMatch ? max(prefixes, 1) : 1)
    }
}

extension PlannedMatch {
    /// Whether it asks for what another one asks for, apart from the path.
    func hasConditions(of match: EffectiveMatch) -> Bool {
        method == match.method && headers == match.headers && queryParams == match.queryParams
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
