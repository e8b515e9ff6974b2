internal import GatewayAPI
internal import Routing

/// A plan as JSON: everything that was compiled of it, for `/snapshot?full`.
struct PlanDescription {
    let plan: RoutePlan
    /// `namespace/name:port` of a position in the plan's backends.
    let backendName: (Int32) -> String

    /// Frontends with their matches, in the order of the plan; which match wins is a matter of precedence, see
    /// `weir explain`.
    var members: [(String, JSONText)] {
        [
            ("listeners", .array(plan.listeners.map(listener))),
            ("services", .array(plan.services.filter(\.isRouted).map(service))),
            ("inboundPorts", .array(plan.inboundPorts.map(inboundPort))),
            ("rules", .array(plan.rules.enumerated().map { rule($0.offset, $0.element) })),
        ]
    }

    // MARK: Frontends

    private func listener(_ listener: PlannedListener) -> JSONText {
        .object([
            ("gateway", .string("\(listener.gateway)")), ("name", .string(listener.name)),
            ("port", .number(Int64(listener.port))), ("hostname", .string(listener.hostname ?? "*")),
            ("usable", .bool(listener.isUsable)), ("tls", .bool(listener.tls != nil)),
            ("matches", .array(listener.matches.map(match))),
        ])
    }

    private func service(_ service: PlannedService) -> JSONText {
        .object([
            ("service", .string("\(service.service):\(service.port)")),
            ("clusterIPs", .strings(service.clusterIPs.map(\.description))),
            ("protocol", .string("\(service.appProtocol)")), ("matches", .array(service.matches.map(match))),
        ])
    }

    private func inboundPort(_ port: PlannedInboundPort) -> JSONText {
        .object([
            ("port", .number(Int64(port.port))), ("protocol", .string("\(port.appProtocol)")),
            (
                "members",
                .array(
                    port.members.map { member in
                        .object([
                            ("service", .string("\(member.service):\(member.servicePort)")),
                            ("enforcement", .string(member.enforcement.rawValue)),
                            ("matches", .array(member.matches.map(match))),
                        ])
                    })
            ),
        ])
    }

    private func match(_ match: PlannedMatch) -> JSONText {
        var members: [(String, JSONText)] = [
            ("hostnames", .strings(match.hostnames)),
            ("path", .string("\(match.path.kind.rawValue) \(match.path.value)")),
        ]
        if let method = match.method { members.append(("method", .string(method))) }
        if !match.headers.isEmpty { members.append(("headers", conditions(match.headers))) }
        if !match.queryParams.isEmpty { members.append(("queryParams", conditions(match.queryParams))) }
        members.append(("rule", .number(Int64(match.rule))))
        return .object(members)
    }

    private func conditions(_ conditions: [ValueMatch]) -> JSONText {
        .strings(conditions.map { "\($0.name)\($0.isRegularExpression ? " ~ " : " = ")\($0.value)" })
    }

    // MARK: Rules

    private func rule(_ number: Int, _ rule: PlannedRule) -> JSONText {
        var members: [(String, JSONText)] = [
            ("number", .number(Int64(number))),
            ("route", .string(rule.origin.chain.map(\.description).joined(separator: " > "))),
            ("rule", .number(Int64(rule.origin.ruleIndex))),
        ]
        if let name = rule.origin.ruleName { members.append(("name", .string(name))) }
        switch rule.action {
        case .forward(let backends): members.append(("backends", .array(backends.map(backend))))
        case .redirect(let redirect): members.append(("redirect", describe(redirect)))
        case .fail(let reason): members.append(("fails", .string(reason)))
        case .closed(let reason): members.append(("closed", .string(reason)))
        }
        members += filters(rule.requestHeaders, rule.responseHeaders, rule.rewrite)
        if let request = rule.timeouts.request {
            members.append(("requestTimeoutMs", .number(Int64(clamping: request))))
        }
        if let attempt = rule.timeouts.backendRequest {
            members.append(("backendRequestTimeoutMs", .number(Int64(clamping: attempt))))
        }
        return .object(members)
    }

    private func backend(_ share: PlannedBackend) -> JSONText {
        var members: [(String, JSONText)] = [("weight", .number(Int64(share.weight)))]
        switch share.target {
        case .backend(let position): members.append(("backend", .string(backendName(Int32(clamping: position)))))
        case .redirect(let redirect): members.append(("redirect", describe(redirect)))
        case .invalid(let reason): members.append(("fails", .string(reason)))
        }
        return .object(members + filters(share.requestHeaders, share.responseHeaders, share.rewrite))
    }

    private func filters(
        _ request: [HeaderModifier], _ response: [HeaderModifier], _ rewrite: URLRewrite?
    ) -> [(String, JSONText)] {
        var members: [(String, JSONText)] = []
        if !request.isEmpty { members.append(("requestHeaders", .array(request.map(describe)))) }
        if !response.isEmpty { members.append(("responseHeaders", .array(response.map(describe)))) }
        if let rewrite {
            members.append(
                ("rewrite", .object([("hostname", .optional(rewrite.hostname)), ("path", describe(rewrite.path))])))
        }
        return members
    }

    private func describe(_ modifier: HeaderModifier) -> JSONText {
        .object([
            ("set", .strings(modifier.set.map { "\($0.name): \($0.value)" })),
            ("add", .strings(modifier.add.map { "\($0.name): \($0.value)" })), ("remove", .strings(modifier.remove)),
        ])
    }

    private func describe(_ redirect: RequestRedirect) -> JSONText {
        .object([
            ("status", .number(Int64(redirect.statusCode))), ("scheme", .optional(redirect.scheme)),
            ("hostname", .optional(redirect.hostname)),
            ("port", redirect.port.map { .number(Int64($0)) } ?? .null), ("path", describe(redirect.path)),
        ])
    }

    private func describe(_ path: PathModifier?) -> JSONText {
        switch path {
        case .replaceFullPath(let full)?: .string("ReplaceFullPath \(full)")
        case .replacePrefixMatch(let prefix)?: .string("ReplacePrefixMatch \(prefix)")
        case nil: .null
        }
    }
}
