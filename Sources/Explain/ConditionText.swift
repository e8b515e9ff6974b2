internal import GatewayAPI

/// Conditions that failed, in words, with what usually is behind it.
enum ConditionText {
    static func path(_ wanted: PathMatch, _ path: String) -> Explanation.Failure {
        Explanation.Failure(
            condition: "path", wanted: "\(wanted.kind.rawValue) \(wanted.value)",
            found: "the request's is \(path)" + pathHint(wanted, path))
    }

    private static func pathHint(_ wanted: PathMatch, _ path: String) -> String {
        if wanted.value.lowercased() == path.lowercased() && wanted.value != path {
            return " (paths are case-sensitive)"
        }
        switch wanted.kind {
        case .exact where wanted.value + "/" == path || wanted.value == path + "/":
            return " (Exact counts the slash at the end)"
        case .exact where path.hasPrefix(wanted.value + "/"): return " (Exact takes no longer path; PathPrefix does)"
        case .prefix where path.hasPrefix(wanted.value): return " (a prefix covers whole path elements)"
        case .regularExpression: return " (the expression must match the whole path)"
        default: return ""
        }
    }

    static func header(_ wanted: ValueMatch, _ request: ExplainedRequest) -> Explanation.Failure {
        let values = request.headers.filter { $0.name.lowercased() == wanted.name }.map(\.value)
        let found = values.isEmpty ? "the request has none" : "the request has \"\(values.joined(separator: ","))\""
        return Explanation.Failure(condition: "header", wanted: "\(wanted.name) \(wanted.comparison)", found: found)
    }

    static func query(_ wanted: ValueMatch, _ request: ExplainedRequest) -> Explanation.Failure {
        let query = request.target.drop { $0 != "?" }.dropFirst()
        let written = query.split(separator: "&").first { $0 == wanted.name || $0.hasPrefix(wanted.name + "=") }
        let found = written.map { "the request has \($0)" } ?? "the request has none"
        return Explanation.Failure(condition: "query", wanted: "\(wanted.name) \(wanted.comparison)", found: found)
    }
}

/// How much alike a match's path and a request's are, to look at the likeliest first.
enum PathKinship {
    /// Characters in common from the left, letters' case aside.
    static func of(_ wanted: PathMatch, to path: String) -> Int {
        zip(wanted.value.lowercased().utf8, path.lowercased().utf8).prefix { $0 == $1 }.count
    }
}
