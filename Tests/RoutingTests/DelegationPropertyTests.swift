import GatewayAPI
import Reactor
import Testing

@testable import Routing

/// A child opens nothing that its parents' matches do not admit. The matcher itself is asked, with random paths in
/// random spellings.
@Suite struct DelegationPropertyTests {
    private typealias Dice = SplitMix64

    private static let elements = [
        "a", "b", "a", "b", "%61", "ab", "%2e%2e", "..", ".", "%2E", "c;v=1", "%2F", "a%2fb", "%5c", "%c3%a9", "%C3%A9",
        "", "a-b",
        "a%2db", ".a", "..;x", "%00",
    ]
    private static let tails = [
        "", "/.*", "(/.*)?", "(?:/b|/c)", ".*", "|/secret", "/[ab]+", "/?a", "/%2e%2e/b", "/\\Qa|b\\E", "?", "(/a)?b",
        "/a{0,1}b", "$",
        "/(?i)A", "/a\\.b", "/[^/]|/a", "/%[0-9a-f]{2}",
    ]

    @Test(arguments: 0..<300) func aComposedMatchIsInsideEveryParents(_ seed: Int) {
        var dice = Dice(seed: UInt64(seed) &+ 77)
        var oracles: [EffectiveMatch] = []
        guard var parent = Self.match(&dice, canBeExpression: true) else { return }
        for _ in 0..<3 {
            let inherits = dice.odds(50)
            var composed: EffectiveMatch?
            for _ in 0..<20 where composed == nil {
                composed = Self.match(&dice, below: inherits ? nil : parent.path, canBeExpression: true).flatMap {
                    MatchComposition.compose(parent: parent, child: $0, inherits: inherits)
                }
            }
            guard let composed else { return }
            oracles.append(Self.admitting(parent, inherits: inherits))
            Self.expect(composed, isInside: oracles, &dice)
            parent = composed
        }
    }

    /// What lies below an expression is the expression and a further part, as docs/delegation.md says.
    private static func admitting(_ parent: EffectiveMatch, inherits: Bool) -> EffectiveMatch {
        guard inherits, parent.path.kind == .regularExpression else { return parent }
        var wider = parent
        var text = parent.path.value
        if text.hasSuffix("$") { text.removeLast() }
        wider.path.value = "(?:\(text))(?:/.*)?"
        return wider
    }

    private static func expect(_ narrow: EffectiveMatch, isInside wide: [EffectiveMatch], _ dice: inout Dice) {
        let tables = ([narrow] + wide).map { match in
            RouteTable(
                plan: TableFixture.plan([
                    PlannedMatch(
                        path: match.path, headers: match.headers, queryParams: match.queryParams, method: match.method,
                        rule: 0, rank: TableFixture.rank())
                ]))
        }
        for _ in 0..<60 {
            let raw = dice.odds(50) ? narrow.path.value + Self.path(&dice) : Self.path(&dice)
            guard let path = PathNormalization.normalized(raw) else { continue }
            let request = TestRequest(
                path, method: dice.one(of: ["GET", "POST"]), query: dice.one(of: [nil, "q=1"]),
                headers: dice.odds(70) ? [("x", dice.one(of: ["1", "2"]))] : [])
            guard TableFixture.matched(tables[0], request) != nil else { continue }
            for (table, match) in zip(tables.dropFirst(), wide) {
                #expect(TableFixture.matched(table, request) != nil, "\(request) meets \(narrow), not \(match)")
            }
        }
    }

    private static func match(
        _ dice: inout Dice, below parent: PathMatch? = nil, canBeExpression: Bool
    ) -> EffectiveMatch? {
        var value = path(&dice)
        if let parent, parent.kind != .regularExpression, dice.odds(70) { value = parent.value + value }
        var kind = dice.one(of: [PathMatch.Kind.prefix, .prefix, .exact])
        if canBeExpression, dice.odds(35) {
            kind = .regularExpression
            value = (dice.odds(50) ? PathExpression.quote(value) : value) + dice.one(of: tails)
            guard case .success = Expression.compile(value) else { return nil }
        }
        var match = HTTPRouteMatch(path: PathMatch(kind, value))
        if dice.odds(30) { match.headers = [ValueMatch(name: "x", value: dice.one(of: ["1", "2"]))] }
        if dice.odds(15) { match.queryParams = [ValueMatch(name: "q", value: "1")] }
        if dice.odds(15) { match.method = dice.one(of: ["GET", "POST"]) }
        return try? EffectiveMatch(match, position: 0)
    }

    private static func path(_ dice: inout Dice) -> String {
        let count = Int.random(in: 0...3, using: &dice)
        return (0..<max(1, count)).map { _ in "/" + dice.one(of: elements) }.joined()
    }
}

extension SplitMix64 {
    fileprivate mutating func odds(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    fileprivate mutating func one<Choice>(of choices: [Choice]) -> Choice {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }
}
