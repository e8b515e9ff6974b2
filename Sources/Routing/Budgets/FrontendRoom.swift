internal import GatewayAPI

/// What is laid out at frontends: matches, with the conditions of each, once for every listener and hostname that they
/// are attached by. Whatever the objects say, and however they multiply, no more than this comes of them.
enum FrontendRoom {
    /// Of one Gateway.
    static let gateway = SharedRoom(total: 524_288, each: 262_144)
    /// Of one Service. Its ports share what they have alike.
    static let service = SharedRoom(total: 16_384, each: 16_384)
    /// Of all Services that a sidecar's pod calls or serves.
    static let sidecar = SharedRoom(total: 65_536, each: 32_768)
}

/// A route at a frontend.
struct FrontendUse {
    var route: HTTPRoute
    var kind: ParentKind
    /// How many times its matches are laid out there.
    var places: Int
}

/// What stands in the place of a part of a route that there is no room for.
struct Substitute {
    enum Form {
        /// A 500 for each path.
        case paths
        /// A 500 for what the root gives to its children; for rules that are a root's own, nothing.
        case least
    }

    var form: Form
    var reason: String
}

/// The parts of routes that there is no room for, by the route, and by the root's child that they come from; nil stands
/// for the rules that are the route's own.
typealias Substitutes = [ObjectKey: [ObjectKey?: Substitute]]

extension PlanBuilder {
    /// What a route comes to at each place, by the root's child that it is from.
    private func parts(of route: HTTPRoute, kind: ParentKind) -> [ObjectKey?: Int] {
        let use = RouteUse(route: route.metadata.key, kind: kind)
        if let known = partSizes[use] { return known }
        var sizes: [ObjectKey?: Int] = [:]
        for match in compiledMatches(of: route, kind: kind) {
            sizes[part(of: match), default: 0] += 1 + match.headers.count + match.queryParams.count
        }
        partSizes[use] = sizes
        return sizes
    }

    private func part(of match: PlannedMatch) -> ObjectKey? {
        plan.rules[match.rule].origin.chain.dropFirst().first
    }

    /// Finds what there is no room for at a frontend.
    /// - Parameter place: where it is, for messages.
    /// - Parameter known: what has been found before, which takes no room.
    func substitutes(
        for uses: [FrontendUse], in room: SharedRoom, _ place: String, besides known: Substitutes = [:]
    ) -> Substitutes {
        var claims: [Claim] = []
        var parts: [(use: FrontendUse, child: ObjectKey?)] = []
        for use in uses {
            let key = use.route.metadata.key
            for (child, size) in self.parts(of: use.route, kind: use.kind) where known[key]?[child] == nil {
                let guest = child.map { $0.namespace == key.namespace ? "" : $0.namespace } ?? ""
                let metadata = child.flatMap { resources.httpRoutes[$0]?.metadata } ?? use.route.metadata
                claims.append(Claim(metadata, tenant: key.namespace, guest: guest, amount: size * use.places))
                parts.append((use, child))
            }
        }
        let refusals = room.refusals(claims)
        guard !refusals.isEmpty else { return [:] }
        let refused = refusals.keys.sorted()
        let smaller = refused.map { position in
            var claim = claims[position]
            let (use, child) = parts[position]
            let paths = compiledMatches(of: use.route, kind: use.kind).lazy.filter { self.part(of: $0) == child }
            claim.amount = Set(paths.map(\.path)).count * use.places
            return claim
        }
        let least = room.forSubstitutes.refusals(smaller)
        var found: Substitutes = [:]
        for (offset, position) in refused.enumerated() {
            guard let refusal = refusals[position] else { continue }
            let (use, child) = parts[position]
            found[use.route.metadata.key, default: [:]][child] = Substitute(
                form: least[offset] == nil ? .paths : .least,
                reason: refusal.message(namespace: claims[position].tenant, place))
        }
        return found
    }

    /// A root's matches at a frontend, with what stands in the place of some.
    func matches(of route: HTTPRoute, kind: ParentKind, with substitutes: [ObjectKey?: Substitute]) -> [PlannedMatch] {
        let whole = compiledMatches(of: route, kind: kind)
        guard !substitutes.isEmpty else { return whole }
        let byPart = Dictionary(grouping: whole) { part(of: $0) }
        return byPart.keys.sorted { ($0 ?? route.metadata.key) < ($1 ?? route.metadata.key) }.flatMap { child in
            let matches = byPart[child] ?? []
            guard let substitute = substitutes[child] else { return matches }
            switch substitute.form {
            case .paths: return refusing(matches, substitute.reason, route, child)
            case .least: return child == nil ? [] : refusing(parentMatches(of: route), substitute.reason, route, child)
            }
        }
    }

    /// A 500 for each path of the matches. Of those that ask for more than a path it is not known any more for what.
    private func refusing(
        _ matches: [PlannedMatch], _ reason: String, _ route: HTTPRoute, _ child: ObjectKey?
    ) -> [PlannedMatch] {
        guard !matches.isEmpty else { return [] }
        let rule = plan.rules.count
        plan.rules.append(
            PlannedRule(
                origin: RuleOrigin(chain: [route.metadata.key] + (child.map { [$0] } ?? []), ruleIndex: 0),
                action: .fail(reason: reason)))
        var positions: [PathMatch: Int] = [:]
        var refused: [PlannedMatch] = []
        for match in matches {
            let isUndecided = match.isUndecided || match.asksForMoreThanPath
            if let position = positions[match.path] {
                if !isUndecided { refused[position].isUndecided = false }
                continue
            }
            positions[match.path] = refused.count
            refused.append(
                PlannedMatch(path: match.path, rule: rule, rank: match.rank, isUndecided: isUndecided))
        }
        return refused
    }

    /// What a root gives to its children: it ranks behind all that any of them has.
    private func parentMatches(of route: HTTPRoute) -> [PlannedMatch] {
        verdicts(of: route).filter(\.isDelegating).flatMap { verdict in
            verdict.matches.map { match in
                let rank = PlannedMatch.Rank(
                    rootCreation: route.metadata.creationTimestamp ?? 0, root: route.metadata.key,
                    ownerCreation: .max, owner: route.metadata.key, ruleIndex: .max, matchIndex: .max)
                return PlannedMatch(
                    path: match.path, headers: match.headers, queryParams: match.queryParams, method: match.method,
                    rule: 0, rank: rank, isUndecided: match.undecided != nil)
            }
        }
    }

    /// Tells whoever wrote what there is no room for, in problems and in the status of children.
    func tell(_ substitutes: [ObjectKey?: Substitute], of route: HTTPRoute, kind: ParentKind) {
        for (child, substitute) in substitutes {
            let object = child ?? route.metadata.key
            let consequence =
                child == nil && substitute.form == .least ? "it is not attached there" : "its paths answer 500 there"
            report(id: .budget, route: object, field: "spec.rules", "\(substitute.reason); \(consequence)")
            guard let child else { continue }
            let use = ChildUse(child: child, parent: route.metadata.key, kind: kind)
            childUses[use, default: ChildOutcome()].refusal = AttachRefusal(
                "UnsupportedValue", "\(substitute.reason); \(consequence)")
        }
    }

    /// What the route's own status says.
    func refusal(for substitutes: [ObjectKey?: Substitute]) -> AttachRefusal? {
        guard let own = substitutes[nil] else { return nil }
        let consequence = own.form == .least ? "it is not attached there" : "its paths answer 500 there"
        return AttachRefusal("UnsupportedValue", "\(own.reason); \(consequence)")
    }
}

extension PlannedMatch {
    /// Whether a path as it is written does not say what it matches.
    fileprivate var asksForMoreThanPath: Bool {
        path.kind == .regularExpression || method != nil || !headers.isEmpty || !queryParams.isEmpty
    }
}

extension SharedRoom.Refusal {
    /// For statuses, which tenants read: it names nobody else.
    fileprivate func message(namespace: String, _ place: String) -> String {
        let measure = "matches and conditions (each once for every listener and hostname)"
        switch self {
        case .tenantLimit(let limit):
            return
                "the routes of namespace \(namespace), with their children, come to more than the \(limit) \(measure) "
                + "that one namespace may have \(place), and this is one of the newest"
        case .share(let share, let total):
            return
                "all routes together come to more than \(total) \(measure) \(place), of which namespace \(namespace) "
                + "may have \(share) with the children of its routes, and this is one of the newest"
        }
    }
}
