internal import GatewayAPI

/// Filters in words, one line each.
enum FilterText {
    static func lines(request: [HeaderModifier], response: [HeaderModifier], rewrite: URLRewrite?) -> [String] {
        var lines =
            request.flatMap { modifier($0, "request header") } + response.flatMap { modifier($0, "response header") }
        if let hostname = rewrite?.hostname { lines.append("rewrite Host to \(hostname)") }
        switch rewrite?.path {
        case .replaceFullPath(let path): lines.append("rewrite the path to \(path)")
        case .replacePrefixMatch(let path): lines.append("replace the matched prefix by \(path)")
        case nil: break
        }
        return lines
    }

    private static func modifier(_ modifier: HeaderModifier, _ side: String) -> [String] {
        modifier.set.map { "set \(side) \($0.name): \($0.value)" }
            + modifier.add.map { "add \(side) \($0.name): \($0.value)" }
            + modifier.remove.map { "remove \(side) \($0)" }
    }
}
