internal import GatewayAPI

/// Picks the problems that a log of the whole cluster speaks of: so many of each namespace, so that one team's do not
/// hide the others'.
enum ProblemShares {
    static let perNamespace = 5

    /// In the order given.
    static func pick(_ problems: [Problem]) -> [Problem] {
        var taken: [Substring: Int] = [:]
        return problems.filter { problem in
            let count = taken[namespace(problem), default: 0]
            taken[namespace(problem)] = count + 1
            return count < perNamespace
        }
    }

    /// Of `HTTPRoute shop/web` it is `shop`; what is in none shares one share.
    private static func namespace(_ problem: Problem) -> Substring {
        let name = problem.object.split(separator: " ", maxSplits: 1).last ?? ""
        guard let slash = name.firstIndex(of: "/") else { return "" }
        return name[..<slash]
    }
}
