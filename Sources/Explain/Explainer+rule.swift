internal import GatewayAPI
internal import Routing

/// What the rule that matched does with the request.
extension Explainer {
    func apply(_ rule: Int32, at frontend: Int32, _ read: ReadRequest, _ explanation: inout Explanation) {
        guard let planned = table.plannedRule(rule), let facts = explanation.frontend else { return }
        if case .closed(let reason) = planned.action { return explainClosed(planned.origin, reason, &explanation) }
        let position = Int(table.rule(rule).planned)
        let candidates = matches(of: facts).filter { $0.rule == position }
        let match = MatchProbe(plan).first(of: candidates, read.view)
        explanation.rule = Explanation.Rule(
            chain: planned.origin.chain, index: planned.origin.ruleIndex, name: planned.origin.ruleName,
            match: match.map { Explanation.Match($0) },
            filters: FilterText.lines(
                request: planned.requestHeaders + planned.inheritedHeaders.request,
                response: planned.responseHeaders + planned.inheritedHeaders.response, rewrite: planned.rewrite),
            requestTimeout: given(planned.timeouts.request),
            backendRequestTimeout: given(planned.timeouts.backendRequest))
        explanation.problems = problems(of: planned.origin)
        switch planned.action {
        case .closed(let reason), .fail(let reason):
            explanation.outcome = .answered(status: 500, reason: reason)
            // A parent fails for what its children wrote.
            if let owner = planned.origin.chain.last { explanation.problems += problems(ofRoutes: children(of: owner)) }
            explanation.reasons.append(
                "the rule that matches cannot be used; it answers 500 so that the request does not fall through to a broader rule"
            )
        case .redirect(let redirect):
            explanation.outcome = self.redirect(
                table.rule(rule).redirect, status: redirect.statusCode, at: frontend, read)
        case .forward(let backends):
            forward(rule, backends, at: frontend, read, &explanation)
        }
    }

    private func explainClosed(_ origin: RuleOrigin, _ reason: String, _ explanation: inout Explanation) {
        explanation.outcome = .answered(status: 500, reason: reason)
        explanation.problems = problems(ofClosing: Set(origin.chain))
        if case .gateway = frontend {
            explanation.reasons.append(
                "the hostname is kept for a route that is not served; requests do not fall through to a broader hostname"
            )
            return
        }
        explanation.reasons.append(
            "a route that is to guard this Service port is not in force, so that the port is closed; the Service's annotation "
                + "weir.dev/route-enforcement: off opens it")
    }

    /// `0s` is "no timeout", like an unset one.
    private func given(_ milliseconds: UInt64?) -> UInt64? {
        milliseconds == 0 ? nil : milliseconds
    }

    private func forward(
        _ rule: Int32, _ backends: [PlannedBackend], at frontend: Int32, _ read: ReadRequest,
        _ explanation: inout Explanation
    ) {
        let total = backends.reduce(UInt64(0)) { $0 + UInt64($1.weight) }
        explanation.backends = backends.enumerated().map { position, backend in
            share(rule, Int32(position), backend, total: total, at: frontend, read)
        }
        let results = Set(explanation.backends.filter { $0.weight > 0 }.map(\.result))
        switch (results.count, results.first) {
        case (1, .answered(let status, let reason)): explanation.outcome = .answered(status: status, reason: reason)
        case (1, .redirected(let status, let location)):
            explanation.outcome = .redirected(status: status, location: location)
        case (1, .forwarded): explanation.outcome = .forwarded
        case (0, _): explanation.outcome = .answered(status: 500, reason: "the rule names no backend")
        default: explanation.outcome = .mixed
        }
    }

    func redirect(_ redirect: Int32, status: Int, at frontend: Int32, _ read: ReadRequest) -> Explanation.Outcome {
        guard let location = location(redirect, at: frontend, read) else {
            return .answered(status: 500, reason: "the Location of the redirect is too long")
        }
        return .redirected(status: status, location: location)
    }

    func location(_ redirect: Int32, at frontend: Int32, _ read: ReadRequest) -> String? {
        unsafe ComposedText.make { buffer in
            unsafe table.writeLocation(
                redirect, read.view, listenerPort: table.frontend(frontend).port, isTLS: table.frontend(frontend).isTLS,
                into: buffer)
        }
    }
}

/// Text that the table composes into a buffer.
enum ComposedText {
    /// Longer than any target plus what a rule may put before it.
    private static let limit = 65_536

    /// nil when it does not fit.
    static func make(_ write: (UnsafeMutableRawBufferPointer) -> Int) -> String? {
        unsafe withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
            let length = unsafe write(buffer)
            return unsafe length < 0 ? nil : String(decoding: UnsafeRawBufferPointer(buffer)[..<length], as: UTF8.self)
        }
    }
}

extension Explanation.Match {
    init(_ match: PlannedMatch) {
        var conditions = ["path \(match.path.kind.rawValue) \(match.path.value)"]
        if let method = match.method { conditions.append("method \(method)") }
        conditions += match.headers.map { "header \($0.name) \($0.comparison)" }
        conditions += match.queryParams.map { "query \($0.name) \($0.comparison)" }
        self.init(index: match.rank.matchIndex, hostnames: match.hostnames, conditions: conditions)
    }
}

extension ValueMatch {
    /// `= value` or `~ expression`.
    var comparison: String { isRegularExpression ? "~ \(value)" : "= \(value)" }
}
