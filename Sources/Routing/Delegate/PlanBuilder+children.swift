internal import GatewayAPI

/// The children of one rule, in order of its references, each once.
struct SelectedChildren {
    var keys: [ObjectKey] = []
    /// Why a reference leads to none.
    var refusal: ReferenceDefect?
}

extension PlanBuilder {
    /// Resolves a rule's delegating references. Who may be a child is decided here, before anything descends.
    func selectChildren(_ context: RuleContext, _ expansion: inout Expansion) -> SelectedChildren {
        var selected = SelectedChildren()
        var seen: Set<ObjectKey> = []
        for (position, reference) in context.route.rules[context.rule].backendRefs.enumerated() {
            let use = RuleUse(route: context.owner, rule: context.rule, kind: expansion.kind)
            guard let form = Delegation.Form(reference) else {
                let message = "backendRefs to HTTPRoutes and to others exclude each other in one rule"
                note(
                    ReferenceDefect(reason: .unsupportedValue, message: message), ref: position, of: use,
                    consequence: "this one is not used")
                continue
            }
            let (found, defect) = children(form, reference, context)
            for child in found.eligible where seen.insert(child).inserted { selected.keys.append(child) }
            expansion.cuts += found.cuts
            if let defect {
                note(
                    defect, ref: position, of: use, consequence: "it adds no rules",
                    isReported: reference.defect != nil)
                selected.refusal = defect
            }
        }
        return selected
    }

    private struct Found {
        var eligible: [ObjectKey] = []
        var cuts = 0
    }

    private func children(
        _ form: Delegation.Form, _ reference: BackendReference, _ context: RuleContext
    ) -> (Found, ReferenceDefect?) {
        if let defect = reference.defect {
            return (Found(), ReferenceDefect(reason: .unsupportedValue, message: defect))
        }
        let namespace = reference.namespace ?? context.owner.namespace
        switch form {
        case .name(let name):
            return named(ObjectKey(namespace: namespace, name: name), context)
        case .wildcard:
            return selected(.all(namespace: namespace), "namespace \(namespace)", context)
        case .label(let value):
            let everywhere = namespace == Delegation.everyNamespace
            let place = everywhere ? "any namespace" : "namespace \(namespace)"
            return selected(
                .label(value, namespace: everywhere ? nil : namespace),
                "label \(Delegation.label)=\(value) in \(place)",
                context)
        }
    }

    private func named(_ child: ObjectKey, _ context: RuleContext) -> (Found, ReferenceDefect?) {
        if context.chain.contains(child) { return (Found(cuts: 1), Self.cycle(to: child, context)) }
        guard let route = resources.httpRoutes[child] else {
            return (Found(), missing(child))
        }
        guard Delegation.isEligible(route, for: context.owner) else {
            let message =
                "HTTPRoute \(child) has parentRefs, and none names HTTPRoute \(context.owner) with group and kind"
            return (Found(), ReferenceDefect(reason: .backendNotFound, message: message, id: .noChild))
        }
        if !route.hostnames.isEmpty {
            let message = "HTTPRoute \(child) sets spec.hostnames, which a child must not"
            return (Found(eligible: [child]), ReferenceDefect(reason: .backendNotFound, message: message, id: .noChild))
        }
        return (Found(eligible: [child]), nil)
    }

    private func missing(_ child: ObjectKey) -> ReferenceDefect {
        let follows = [ProblemCause(.httpRoute, child)]
        guard resources.unservedRoutes[ResourceID(kind: .httpRoute, key: child)] == nil else {
            return ReferenceDefect(
                reason: .backendNotFound, message: "HTTPRoute \(child) is there and cannot be read", follows: follows)
        }
        return ReferenceDefect(
            reason: .backendNotFound, message: "HTTPRoute \(child) does not exist", dependsOn: .httpRoute,
            follows: follows)
    }

    /// Routes of a namespace, or of all, that cannot be read: whether a reference that selects means them is not known.
    func unreadableRoutes(in namespace: String?) -> [ObjectKey] {
        resources.unservedRoutes.keys.filter {
            $0.kind == .httpRoute && (namespace ?? $0.key.namespace) == $0.key.namespace
        }.map(\.key).sorted()
    }

    private func selected(
        _ selection: ChildSelection, _ description: String, _ context: RuleContext
    ) -> (Found, ReferenceDefect?) {
        let candidates = index.candidates[selection] ?? ChildCandidates()
        let eligible = candidates.eligible(for: context.owner)
        let ancestors = eligible.filter(context.chain.contains)
        let found = Found(
            eligible: ancestors.isEmpty ? eligible : eligible.filter { !context.chain.contains($0) },
            cuts: ancestors.count)
        if let ancestor = ancestors.first { return (found, Self.cycle(to: ancestor, context)) }
        if found.eligible.contains(where: { resources.httpRoutes[$0]?.hostnames.isEmpty ?? false }) {
            return (found, nil)
        }
        if candidates.count == 1, selectsItself(selection, context) {
            return (found, Self.cycle(to: context.owner, context))
        }
        let unreadable = unreadableRoutes(in: selection.namespace)
        var message =
            candidates.count == 0
            ? "no HTTPRoute has \(description)"
            : "none of \(candidates.count) HTTPRoutes with \(description) may be a child of \(context.owner) (parentRefs, hostnames)"
        if let first = unreadable.first { message += "; HTTPRoute \(first), which may be meant, cannot be read" }
        return (
            found,
            ReferenceDefect(
                reason: .backendNotFound, message: message, dependsOn: .httpRoute,
                follows: unreadable.prefix(1).map { ProblemCause(.httpRoute, $0, isCertain: false) }, id: .noChild)
        )
    }

    private func selectsItself(_ selection: ChildSelection, _ context: RuleContext) -> Bool {
        switch selection {
        case .all(let namespace): namespace == context.owner.namespace
        case .label(let value, let namespace):
            context.route.metadata.labels[Delegation.label] == value
                && (namespace ?? context.owner.namespace) == context.owner.namespace
        }
    }

    private static func cycle(to ancestor: ObjectKey, _ context: RuleContext) -> ReferenceDefect {
        let start = context.chain.firstIndex(of: ancestor) ?? 0
        let path = (context.chain[start...] + [ancestor]).map(\.description).joined(separator: " -> ")
        return ReferenceDefect(
            reason: .refNotPermitted, message: "cyclic reference detected: \(path)", id: .delegationCycle)
    }
}
