internal import GatewayAPI

/// Matches of one frontend that never get a request, because others come first and take all of theirs.
struct ShadowedMatches {
    struct Finding {
        var shadowed: PlannedMatch
        var by: PlannedMatch
        /// All conditions are the same; else the other one's path admits all of this one's.
        var isSame: Bool
        /// The hostnames on which that is so; empty when it is so everywhere that the match has.
        var hostnames: [String]
    }

    /// Expressions that take whole subtrees and are looked at, for each hostname.
    private static let wideExpressions = 16

    private struct Conditions: Hashable {
        var path: PathMatch
        var method: String?
        var headers: Set<ValueMatch>
        var queryParams: Set<ValueMatch>

        init(_ match: PlannedMatch) {
            path = match.path
            method = match.method
            headers = Set(match.headers)
            queryParams = Set(match.queryParams)
        }
    }

    private struct Host {
        var first: [Conditions: Int] = [:]
        var wide: [(match: Int, literal: [UInt8], isWholeElement: Bool)] = []
    }

    /// In order of precedence. A match of one rule that comes again through another parent is not shadowed by itself.
    static func find(_ matches: [PlannedMatch]) -> [Finding] {
        // Of what an expression beyond a limit matches nothing is known.
        let ranked = matches.filter { !$0.isUndecided }.sorted(by: PlannedMatch.precedes)
        var hosts: [String: Host] = [:]
        // Expressions come before all prefixes, whatever else they ask.
        for position in ranked.indices where ranked[position].path.kind == .regularExpression {
            guard let (literal, isWhole) = PathExpression.wholeSubtree(ranked[position].path.value) else { continue }
            for name in names(ranked[position])
            where (hosts[name]?.wide.count ?? 0) < wideExpressions {
                hosts[name, default: Host()].wide.append((position, literal, isWhole))
            }
        }
        return ranked.indices.compactMap { position in
            let match = ranked[position]
            let conditions = Conditions(match)
            var places: [(name: String, by: Int, isSame: Bool)] = []
            for name in names(match) {
                if let first = hosts[name]?.first[conditions] {
                    places.append((name, first, true))
                } else {
                    hosts[name, default: Host()].first[conditions] = position
                    if let wide = hosts[name]?.wide.first(where: {
                        covers($0.match, $0.literal, $0.isWholeElement, position, ranked)
                    }) {
                        places.append((name, wide.match, false))
                    }
                }
            }
            guard let place = places.first, !isOneMatch(ranked[place.by], match) else { return nil }
            let isEverywhere = places.count == names(match).count
            return Finding(
                shadowed: match, by: ranked[place.by], isSame: place.isSame,
                hostnames: isEverywhere ? [] : places.map(\.name))
        }
    }

    private static func names(_ match: PlannedMatch) -> [String] { match.hostnames.isEmpty ? [""] : match.hostnames }

    private static func isOneMatch(_ a: PlannedMatch, _ b: PlannedMatch) -> Bool {
        a.rank.owner == b.rank.owner && a.rank.ruleIndex == b.rank.ruleIndex && a.rank.matchIndex == b.rank.matchIndex
    }

    private static func covers(
        _ wide: Int, _ literal: [UInt8], _ isWholeElement: Bool, _ narrow: Int, _ ranked: [PlannedMatch]
    ) -> Bool {
        let (a, b) = (ranked[wide], ranked[narrow])
        let path: [UInt8]
        switch b.path.kind {
        case .exact: return false
        case .prefix: path = Array(b.path.value.utf8)
        case .regularExpression:
            guard wide < narrow else { return false }
            path = PathExpression.leadingText(b.path.value)
        }
        guard path.starts(with: literal), a.method == nil || a.method == b.method,
            Set(a.headers).isSubset(of: b.headers), Set(a.queryParams).isSubset(of: b.queryParams)
        else { return false }
        let rest = path.dropFirst(literal.count)
        return !isWholeElement || rest.first == UInt8(ascii: "/") || (rest.isEmpty && b.path.kind == .prefix)
    }
}

extension PathExpression {
    /// The literal text of an expression that takes everything that begins with it: `/a.*`, or, as whole elements,
    /// `/a(/.*)?`.
    static func wholeSubtree(_ expression: String) -> (literal: [UInt8], isWholeElement: Bool)? {
        guard var tokens = PathExpressionToken.read(expression) else { return nil }
        tokens.removeAll { $0.kind == .empty && ["^", "$"].contains(String(decoding: $0.text, as: UTF8.self)) }
        let literals = tokens.prefix { $0.byte != nil }.compactMap(\.byte)
        let rest = tokens.dropFirst(literals.count).map { String(decoding: $0.text, as: UTF8.self) }
        switch rest.joined() {
        case ".*": return (literals, false)
        case "(/.*)?", "(?:/.*)?": return (literals, true)
        default: return nil
        }
    }

    /// The text that everything it matches begins with.
    static func leadingText(_ expression: String) -> [UInt8] {
        guard let tokens = PathExpressionToken.read(expression), !tokens.contains(where: { $0.kind == .bar }) else {
            return []
        }
        let written =
            tokens.first?.kind == .empty && tokens.first?.text == [UInt8(ascii: "^")] ? tokens.dropFirst() : tokens[...]
        let literals = written.prefix { $0.byte != nil }
        let isCut = written.dropFirst(literals.count).first?.isQuantifier ?? false
        return (isCut ? literals.dropLast() : literals).compactMap(\.byte)
    }
}
