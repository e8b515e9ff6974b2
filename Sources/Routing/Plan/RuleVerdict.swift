internal import GatewayAPI

/// A match as it stands after delegation: every condition a request has to meet, and which match of the owner it came
/// from.
struct EffectiveMatch: Hashable {
    var path: PathMatch
    var headers: [ValueMatch]
    var queryParams: [ValueMatch]
    var method: String?
    /// Position in the owning rule; it ranks, and does not tell matches apart.
    var position: Int
    /// Why it is not known what it matches: some expression is beyond a limit.
    var undecided: String?

    /// Paths are in their normal form from here on: what is compared is what is matched. Throws when no request can
    /// have such a path.
    init(_ match: HTTPRouteMatch, position: Int) throws(ImpossiblePath) {
        path = try match.path?.normalForm() ?? PathMatch(.prefix, "/")
        headers = match.headers
        queryParams = match.queryParams
        method = match.method
        self.position = position
    }

    /// The match for its path, whatever else it asks for. What that is of the match is not known where it asks for more
    /// than a path as it is written.
    func pathAlone(_ reason: String) -> EffectiveMatch {
        var alone = self
        (alone.headers, alone.queryParams, alone.method) = ([], [], nil)
        if alone.conditions != conditions || path.kind == .regularExpression { alone.undecided = reason }
        return alone
    }

    /// What a request sees of it.
    var conditions: EffectiveMatch {
        var copy = self
        copy.position = 0
        return copy
    }
}

/// What a rule is worth on its own, whoever refers to its route.
struct RuleVerdict {
    /// A reason for the whole rule to answer 500.
    struct Fault: Hashable {
        var message: String
        var isIncompatible = false
    }

    var body: RuleBody
    var matches: [EffectiveMatch]
    var fault: Fault?
    /// Some backendRef names HTTPRoutes.
    var isDelegating: Bool
    /// What is said in the condition about matches that are left out.
    var droppedMatches: [String]
}

extension PlanBuilder {
    /// The verdicts on a route's rules; each rule is judged, and its problems reported, once.
    func verdicts(of route: HTTPRoute) -> [RuleVerdict] {
        let key = route.metadata.key
        if let known = verdicts[key] { return known }
        let excess = excess(of: route)
        if let excess {
            let consequence =
                excess.remains == .nothing ? "it is attached to no parent" : "the whole route answers 500"
            report(id: .budget, route: key, field: "spec.rules", "\(excess.reason); \(consequence)")
        }
        let judged = route.rules.enumerated().map { judge($1, at: $0, of: key, excess: excess) }
        verdicts[key] = judged
        return judged
    }

    private func judge(
        _ rule: HTTPRouteRule, at position: Int, of route: ObjectKey, excess: NamespaceBudget.Excess?
    ) -> RuleVerdict {
        let filters = FilterReading(rule.filters)
        var verdict = RuleVerdict(
            body: filters.body, matches: [], fault: nil,
            isDelegating: rule.backendRefs.contains { Delegation.Form($0) != nil }, droppedMatches: [])
        verdict.body.timeouts = rule.timeouts
        if let excess, excess.remains != .matches {
            verdict.fault = RuleVerdict.Fault(message: excess.reason)
            verdict.matches = excess.remains == .paths ? Self.paths(of: rule, excess.reason) : []
            return verdict
        }
        for (matchPosition, match) in rule.matches.enumerated() {
            let field = "spec.rules[\(position)].matches[\(matchPosition)]"
            switch reading(of: match, position: matchPosition, excess: excess?.reason) {
            case .usable(let effective):
                if let first = verdict.matches.first(where: { $0.conditions == effective.conditions }) {
                    report(
                        .warning, id: .duplicateMatch, route: route, field: field, value: effective.path.value,
                        "repeats matches[\(first.position)]; it changes nothing")
                }
                verdict.matches.append(effective)
            case .undecided(let effective):
                verdict.matches.append(effective)
                // A route that is beyond its namespace's budget has been told so.
                guard excess == nil, let reason = effective.undecided else { continue }
                report(
                    id: .badExpression, route: route, field: field,
                    "\(reason); requests that fit all else of the match answer 500, unless another namespace's rule takes them"
                )
                verdict.droppedMatches.append("\(field) answers 500: \(reason)")
            case .invalid(let id, let reason):
                // What the decoder refused it has reported itself, with the line.
                if match.defect == nil {
                    report(id: id, route: route, field: field, "\(reason); this match matches nothing")
                }
                verdict.droppedMatches.append("\(field): \(reason)")
            }
        }
        if let excess {
            verdict.fault = RuleVerdict.Fault(message: excess.reason)
        } else if let (field, fault) = fault(of: rule, filters: filters) {
            let isReported = rule.defect != nil || rule.filters.contains(where: \.isUnusable)
            if !isReported {
                report(
                    id: .fieldsDisagree, route: route, field: "spec.rules[\(position)]\(field)",
                    "\(fault.message); the rule answers 500")
            }
            verdict.fault = fault
        }
        return verdict
    }

    /// The rule's matches without what else they ask for, each path once.
    private static func paths(of rule: HTTPRouteRule, _ reason: String) -> [EffectiveMatch] {
        var seen: Set<PathMatch> = []
        return rule.matches.enumerated().compactMap { position, match in
            guard match.defect == nil, let whole = try? EffectiveMatch(match, position: position),
                seen.insert(whole.path).inserted
            else { return nil }
            return whole.pathAlone(reason)
        }
    }

    private enum MatchReading {
        case usable(EffectiveMatch)
        /// Some expression of it is beyond a limit.
        case undecided(EffectiveMatch)
        case invalid(ProblemID, String)
    }

    /// - Parameter excess: why the route's expressions are not looked at.
    private func reading(of match: HTTPRouteMatch, position: Int, excess: String?) -> MatchReading {
        if let defect = match.defect { return .invalid(.invalidValue, defect) }
        var undecided = match.hasExpressions ? excess : nil
        for (name, pattern) in match.expressions where undecided == nil {
            switch expressions.verdict(pattern) {
            case .usable: break
            case .tooLarge(let reason): undecided = Self.tooLarge(name, pattern, reason)
            case .invalid(let reason): return .invalid(.badExpression, Self.malformed(name, pattern, reason))
            }
        }
        do throws(ImpossiblePath) {
            var effective = try EffectiveMatch(match, position: position)
            let path = effective.path
            if undecided == nil, path.kind == .regularExpression, path != match.path {
                // Written in another form it must still be one that can be used.
                switch expressions.verdict(path.value) {
                case .usable: break
                case .tooLarge(let reason): undecided = Self.tooLarge("path", path.value, reason)
                case .invalid(let reason): return .invalid(.badExpression, Self.malformed("path", path.value, reason))
                }
            }
            effective.undecided = undecided
            return undecided == nil ? .usable(effective) : .undecided(effective)
        } catch {
            return .invalid(.neverMatches, "path \"\(match.path?.value ?? "")\" \(error.reason)")
        }
    }

    private static func tooLarge(_ name: String, _ pattern: String, _ reason: String) -> String {
        "\(name) \"\(pattern)\" is too large an expression: \(reason)"
    }

    private static func malformed(_ name: String, _ pattern: String, _ reason: String) -> String {
        "\(name) \"\(pattern)\" is no regular expression RE2 accepts: \(reason)"
    }

    /// Why the rule cannot be used, with the field at fault relative to the rule.
    private func fault(of rule: HTTPRouteRule, filters: FilterReading) -> (field: String, RuleVerdict.Fault)? {
        if let defect = filters.defect, defect.isIncompatible {
            return (".filters[\(defect.filter)]", RuleVerdict.Fault(message: defect.message, isIncompatible: true))
        }
        if filters.body.redirect != nil, rule.backendRefs.contains(where: { Delegation.Form($0) == nil }) {
            let message = "RequestRedirect and backendRefs exclude each other"
            return (".backendRefs", RuleVerdict.Fault(message: message, isIncompatible: true))
        }
        if let defect = rule.defect { return ("", RuleVerdict.Fault(message: defect)) }
        if let defect = filters.defect {
            return (".filters[\(defect.filter)]", RuleVerdict.Fault(message: defect.message))
        }
        if filters.body.needsPrefixMatch, !rule.hasOnePrefixMatch, !rule.isDelegation {
            return (".filters", RuleVerdict.Fault(message: HTTPRouteRule.prefixReplacementNeed))
        }
        return nil
    }
}

extension HTTPRouteMatch {
    /// What its regular expressions are run on, with each.
    var expressions: [(name: String, pattern: String)] {
        var found: [(name: String, pattern: String)] = []
        if let path, path.kind == .regularExpression { found.append(("path", path.value)) }
        for condition in headers where condition.isRegularExpression { found.append((condition.name, condition.value)) }
        for condition in queryParams where condition.isRegularExpression {
            found.append((condition.name, condition.value))
        }
        return found
    }

    var hasExpressions: Bool {
        path?.kind == .regularExpression || headers.contains(where: \.isRegularExpression)
            || queryParams.contains(where: \.isRegularExpression)
    }
}

extension HTTPRouteRule {
    static let prefixReplacementNeed = "ReplacePrefixMatch needs a rule with exactly one match, of type PathPrefix"

    /// HTTPPathModifier.replacePrefixMatch: what is replaced must be one known prefix.
    var hasOnePrefixMatch: Bool {
        matches.count == 1 && matches.allSatisfy { ($0.path?.kind ?? .prefix) == .prefix }
    }

    /// A delegating rule's filters act on its children's matches, which are judged one by one.
    var isDelegation: Bool { backendRefs.contains { Delegation.Form($0) != nil } }
}
