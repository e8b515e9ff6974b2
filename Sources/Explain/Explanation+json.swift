package import GatewayAPI

extension Explanation {
    /// The same facts for programs. Names are stable; what does not apply is null or empty.
    package var json: JSONText {
        .object([
            ("request", .string(request)),
            ("outcome", .string(outcome.label)),
            ("status", outcome.status.map { .number(Int64($0)) } ?? .null),
            ("reason", .optional(outcome.reason)),
            ("certain", .bool(doubt.isEmpty)),
            ("location", .optional(outcome.location)),
            ("frontend", frontend?.json ?? .null),
            ("rule", rule?.json ?? .null),
            ("backends", .array(backends.map(\.json))),
            ("reasons", .strings(reasons)),
            ("nearest", .array(nearest.map(\.json))),
            ("problems", .array(problems.map(\.json))),
        ])
    }
}

extension Explanation.Outcome {
    var status: Int? {
        switch self {
        case .redirected(let status, _), .answered(let status, _): status
        default: nil
        }
    }

    var reason: String? {
        switch self {
        case .answered(_, let reason), .refused(let reason), .noFrontend(let reason): reason
        default: nil
        }
    }

    var location: String? {
        if case .redirected(_, let location) = self { location } else { nil }
    }
}

extension Explanation.Frontend {
    var json: JSONText {
        .object([
            ("object", .string(object)), ("listener", .optional(listener)), ("port", .number(Int64(port))),
            ("hostname", .optional(hostname)), ("routed", .bool(isRouted)), ("protocol", .string(appProtocol)),
            ("matches", .number(Int64(matches))), ("routes", .optional(routes)),
        ])
    }
}

extension Explanation.Rule {
    var json: JSONText {
        .object([
            ("chain", .strings(chain.map(\.description))), ("rule", .number(Int64(index))), ("name", .optional(name)),
            ("match", match?.json ?? .null), ("filters", .strings(filters)),
            (
                "timeouts",
                .object([
                    ("request", .optional(requestTimeout.map { GatewayDuration.text(milliseconds: $0) })),
                    ("backendRequest", .optional(backendRequestTimeout.map { GatewayDuration.text(milliseconds: $0) })),
                ])
            ),
        ])
    }
}

extension Explanation.Match {
    var json: JSONText {
        .object([
            ("match", .number(Int64(index))), ("hostnames", .strings(hostnames)), ("conditions", .strings(conditions)),
        ])
    }
}

extension Explanation.Share {
    var json: JSONText {
        var members: [(String, JSONText)] = [
            ("backend", .optional(backend)), ("weight", .number(Int64(weight))), ("percent", .string(percentText)),
            ("outcome", .string(result.label)),
        ]
        switch result {
        case .forwarded: break
        case .answered(let status, let reason):
            members += [("status", .number(Int64(status))), ("reason", .string(reason))]
        case .redirected(let status, let location):
            members += [("status", .number(Int64(status))), ("location", .string(location))]
        }
        members += [
            ("endpoints", .strings(endpoints)), ("names", .strings(names)), ("host", .optional(host)),
            ("target", .optional(target)), ("filters", .strings(filters)),
        ]
        return .object(members)
    }
}

extension Explanation.NearMiss {
    var json: JSONText {
        .object([
            ("chain", .strings(chain.map(\.description))), ("rule", .number(Int64(rule))),
            ("name", .optional(ruleName)),
            ("match", .number(Int64(match))),
            (
                "failures",
                .array(
                    failures.map { failure in
                        .object([
                            ("condition", .string(failure.condition)), ("wanted", .string(failure.wanted)),
                            ("found", .string(failure.found)),
                        ])
                    })
            ),
        ])
    }
}
