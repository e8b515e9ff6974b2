internal import GatewayAPI

/// A match as it stands after delegation: every condition a request has to meet, and which match of the owner it came from.
struct EffectiveMatch: Hashable {
    var path: PathMatch
    var headers: [ValueMatch]
    var queryParams: [ValueMatch]
    var method: String?
    /// Position in the owning rule; it ranks, and does not tell matches apart.
    var position: Int

    /// Paths are in their normal form from here on: what is compared is what is matched. Throws when no request can have such a path.
    init(_ match: HTTPRouteMatch, position: Int) throws(ImpossiblePath) {
        path = try match.path?.normalForm() ?? PathMatch(.prefix, "/")
        headers = match.headers
        queryParams = match.queryParams
        method = match.method
        self.position = position
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
        let judged = route.rules.enumerated().map { judge($1, at: $0, of: key) }
        verdicts[key] = judged
        return judged
    }

    private func judge(_ rule: HTTPRouteRule, at position: Int, of route: ObjectKey) -> RuleVerdict {
        let filters = FilterReading(rule.filters)
        var verdict = RuleVerdict(
            body: filters.body, matches: [], fault: nil,
            isDelegating: rule.backendRefs.contains { Delegation.Form($0) != nil }, droppedMatches: [])
        verdict.body.timeouts = rule.timeouts
        for (matchPosition, match) in rule.matches.enumerated() {
            do throws(MatchRefusal) {
                verdict.matches.append(try effective(match, position: matchPosition))
            } catch {
                let field = "spec.rules[\(position)].matches[\(matchPosition)]"
                // What the decoder refused it has reported itself, with the line.
                if match.defect == nil {
                    report(route: route, field: field, "\(error.reason); this match matches nothing")
                }
                verdict.droppedMatches.append("\(field): \(error.reason)")
            }
        }
        if let (field, fault) = fault(of: rule, filters: filters) {
            let isReported = rule.defect != nil || rule.filters.contains(where: \.isUnusable)
            if !isReported {
                report(route: route, field: "spec.rules[\(position)]\(field)", "\(fault.message); the rule answers 500")
            }
            verdict.fault = fault
        }
        return verdict
    }

    private struct MatchRefusal: Error {
        var reason: String
    }

    private func effective(_ match: HTTPRouteMatch, position: Int) throws(MatchRefusal) -> EffectiveMatch {
        if let refusal = refusal(of: match) { throw MatchRefusal(reason: refusal) }
        do throws(ImpossiblePath) {
            let effective = try EffectiveMatch(match, position: position)
            // Written in another form it must still be one that RE2 takes.
            if effective.path.kind == .regularExpression, effective.path != match.path,
                let problem = RegularExpressionCheck.problem(effective.path.value)
            {
                throw ImpossiblePath(reason: "is no regular expression RE2 accepts: \(problem)")
            }
            return effective
        } catch {
            throw MatchRefusal(reason: "path \"\(match.path?.value ?? "")\" \(error.reason)")
        }
    }

    private func refusal(of match: HTTPRouteMatch) -> String? {
        if let defect = match.defect { return defect }
        if let path = match.path, path.kind == .regularExpression {
            if let problem = RegularExpressionCheck.problem(path.value) {
                return "path \"\(path.value)\" is no regular expression RE2 accepts: \(problem)"
            }
        }
        for condition in match.headers + match.queryParams where condition.isRegularExpression {
            if let problem = RegularExpressionCheck.problem(condition.value) {
                return "\(condition.name) \"\(condition.value)\" is no regular expression RE2 accepts: \(problem)"
            }
        }
        return nil
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

extension HTTPRouteRule {
    static let prefixReplacementNeed = "ReplacePrefixMatch needs a rule with exactly one match, of type PathPrefix"

    /// HTTPPathModifier.replacePrefixMatch: what is replaced must be one known prefix.
    var hasOnePrefixMatch: Bool {
        matches.count == 1 && matches.allSatisfy { ($0.path?.kind ?? .prefix) == .prefix }
    }

    /// A delegating rule's filters act on its children's matches, which are judged one by one.
    var isDelegation: Bool { backendRefs.contains { Delegation.Form($0) != nil } }
}
