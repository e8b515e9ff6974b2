internal import GatewayAPI
internal import Routing

/// Why nothing matched.
extension Explainer {
    /// Matches that are shown.
    static let nearestShown = 3
    /// Matches that are looked at condition by condition, those of the most alike paths first.
    static let nearestExamined = 200

    func explainNoMatch(_ read: ReadRequest, _ explanation: inout Explanation) {
        guard let facts = explanation.frontend else { return }
        let matches = matches(of: facts)
        explanation.outcome = .answered(status: 404, reason: "no route matches this request")
        explanation.reasons.append(Self.attached(matches.count))
        explanation.nearest = nearMisses(matches, read)
        let asking = routesAskingForFrontend()
        explanation.problems = problems(ofRoutes: asking.union(matches.map(\.rank.owner)))
    }

    private static func attached(_ count: Int) -> String {
        switch count {
        case 0: "no route is attached to this frontend"
        case 1: "the only match attached to it does not hold"
        default: "none of the \(count) matches attached to it holds"
        }
    }

    private func nearMisses(_ matches: [PlannedMatch], _ read: ReadRequest) -> [Explanation.NearMiss] {
        let probe = MatchProbe(plan)
        let examined = matches.map { (match: $0, kinship: PathKinship.of($0.path, to: read.path)) }
            .sorted { a, b in
                a.kinship == b.kinship ? a.match.rank.isWrittenBefore(b.match.rank) : a.kinship > b.kinship
            }
            .prefix(Self.nearestExamined)
        let judged = examined.map {
            (failures: failures(of: $0.match, read, probe), match: $0.match, kinship: $0.kinship)
        }
        let nearest = judged.sorted { a, b in
            let left = (a.failures.count { $0.isOfPlace }, a.failures.count, -a.kinship)
            let right = (b.failures.count { $0.isOfPlace }, b.failures.count, -b.kinship)
            return left == right ? a.match.rank.isWrittenBefore(b.match.rank) : left < right
        }
        return nearest.prefix(Self.nearestShown).map { failures, match, _ in
            let origin = plan.rules[match.rule].origin
            return Explanation.NearMiss(
                chain: origin.chain, rule: origin.ruleIndex, ruleName: origin.ruleName, match: match.rank.matchIndex,
                failures: failures)
        }
    }

    /// Each condition is put to the matcher alone.
    private func failures(of match: PlannedMatch, _ read: ReadRequest, _ probe: MatchProbe) -> [Explanation.Failure] {
        var failures: [Explanation.Failure] = []
        func test(_ view: RequestView, _ change: (inout PlannedMatch) -> Void, _ failure: () -> Explanation.Failure) {
            var one = PlannedMatch(rule: 0, rank: match.rank)
            change(&one)
            if !probe.holds(one, view) { failures.append(failure()) }
        }
        test(read.view, { $0.path = match.path }) { ConditionText.path(match.path, read.path) }
        // `*` of OPTIONS is below no prefix; the other conditions are asked at the root.
        let root: StaticString = "/"
        var atRoot = read.view
        unsafe atRoot.path = unsafe UnsafeRawBufferPointer(start: root.utf8Start, count: root.utf8CodeUnitCount)
        if !match.hostnames.isEmpty {
            test(atRoot, { $0.hostnames = match.hostnames }) {
                Explanation.Failure(
                    condition: "hostname", wanted: match.hostnames.joined(separator: ", "),
                    found: "the request's is \(read.host)")
            }
        }
        if let method = match.method {
            test(atRoot, { $0.method = method }) {
                Explanation.Failure(condition: "method", wanted: method, found: "the request's is \(request.method)")
            }
        }
        for header in match.headers {
            test(atRoot, { $0.headers = [header] }) { ConditionText.header(header, request) }
        }
        for parameter in match.queryParams {
            test(atRoot, { $0.queryParams = [parameter] }) { ConditionText.query(parameter, request) }
        }
        return failures
    }
}

extension Explanation.Failure {
    /// The match is about another place: a rule of the request's own path with the wrong method is nearer than any of
    /// these.
    fileprivate var isOfPlace: Bool { condition == "path" || condition == "hostname" }
}

extension PlannedMatch.Rank {
    /// Order of the documents, so that the same resources give the same answer.
    func isWrittenBefore(_ other: Self) -> Bool {
        (owner, ruleIndex, matchIndex) < (other.owner, other.ruleIndex, other.matchIndex)
    }
}
