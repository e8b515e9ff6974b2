import GatewayAPI
import Testing

@testable import Routing

/// The table against a reading of the standard that tries everything in order.
@Suite("The table and a naive matcher agree")
struct MatchPropertyTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ (state >> 29)) &* 0xbf58_476d_1ce4_e5b9
        }
    }

    private static let elements = ["a", "b", "ab", "c"]
    private static let hosts = ["a.com", "b.a.com", "*.a.com", "*.b.a.com", "c.b.a.com", "*.com"]

    @Test("on random tables and requests", arguments: 0..<40)
    func agreement(seed: UInt64) {
        var random = Generator(state: seed &* 0x9e37_79b9 &+ 1)
        let matches = (0..<30).map { randomMatch($0, &random) }
        let table = RouteTable(plan: TableFixture.plan(matches))
        for _ in 0..<200 {
            let request = randomRequest(&random)
            let expected = NaiveMatcher.match(matches, request)
            #expect(TableFixture.matched(table, request) == expected, "\(request)")
        }
    }

    private func randomMatch(_ rule: Int, _ random: inout Generator) -> PlannedMatch {
        let path = randomPath(&random)
        let kind: PathMatch =
            [
                PathMatch(.exact, path), PathMatch(.prefix, path), PathMatch(.prefix, path + "/"),
                PathMatch(.prefix, "/"),
                PathMatch(.regularExpression, path + "(/.*)?"),
            ].randomElement(using: &random) ?? PathMatch(.prefix, "/")
        let names = ["x", "y"].filter { _ in Bool.random(using: &random) && Bool.random(using: &random) }
        return PlannedMatch(
            hostnames: Self.hosts.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }, path: kind,
            headers: names.map { ValueMatch(name: $0, value: "1") },
            queryParams: Int.random(in: 0..<4, using: &random) == 0 ? [ValueMatch(name: "q", value: "1")] : [],
            method: Int.random(in: 0..<4, using: &random) == 0 ? "POST" : nil, rule: rule,
            rank: TableFixture.rank("r", created: Int64.random(in: 0..<3, using: &random), rule: rule))
    }

    private func randomPath(_ random: inout Generator) -> String {
        let count = Int.random(in: 1..<4, using: &random)
        return (0..<count).map { _ in "/" + (Self.elements.randomElement(using: &random) ?? "a") }.joined()
    }

    private func randomRequest(_ random: inout Generator) -> TestRequest {
        let host =
            ["a.com", "b.a.com", "c.b.a.com", "d.c.b.a.com", "x.com", "org"].randomElement(using: &random) ?? "org"
        let path = Int.random(in: 0..<8, using: &random) == 0 ? "/" : randomPath(&random)
        let headers = ["x", "y"].filter { _ in Bool.random(using: &random) }.map { ($0, "1") }
        return TestRequest(
            path, method: Bool.random(using: &random) ? "POST" : "GET",
            query: Bool.random(using: &random) ? "q=1" : nil,
            host: host, headers: headers)
    }
}

private enum NaiveMatcher {
    static func match(_ matches: [PlannedMatch], _ request: TestRequest) -> Int? {
        let candidates = matches.flatMap { match in
            (match.hostnames.isEmpty ? [""] : match.hostnames).map { (match, host: $0) }
        }.filter { covers($0.host, request.host) && holds($0.0, request) }
        return candidates.max { key($0.0, $0.host).lexicographicallyPrecedes(key($1.0, $1.host)) }?.0.rule
    }

    /// Bigger wins.
    private static func key(_ match: PlannedMatch, _ host: String) -> [Int64] {
        let isWildcard = host.hasPrefix("*.")
        let hostRank = host.isEmpty ? 0 : isWildcard ? host.count : 1000
        let kind: Int64 =
            switch match.path.kind {
            case .exact: 2
            case .regularExpression: 1
            case .prefix: 0
            }
        let length = match.path.kind == .prefix ? trimmed(match.path.value).count : 0
        return [
            Int64(hostRank), kind, Int64(length), match.method == nil ? 0 : 1, Int64(match.headers.count),
            Int64(match.queryParams.count), -match.rank.rootCreation, -Int64(match.rank.ruleIndex),
        ]
    }

    private static func covers(_ pattern: String, _ host: String) -> Bool {
        pattern.isEmpty || pattern == host || (pattern.hasPrefix("*.") && host.hasSuffix(pattern.dropFirst()))
    }

    private static func trimmed(_ path: String) -> String { path.hasSuffix("/") ? String(path.dropLast()) : path }

    private static func holds(_ match: PlannedMatch, _ request: TestRequest) -> Bool {
        let value = trimmed(match.path.value)
        let pathHolds: Bool =
            switch match.path.kind {
            case .exact: match.path.value == request.path
            case .prefix: request.path == value || request.path.hasPrefix(value + "/")
            case .regularExpression:
                // Expressions of this test are `literal(/.*)?`.
                isUnder(String(match.path.value.dropLast("(/.*)?".count)), request.path)
            }
        return pathHolds && (match.method ?? request.method) == request.method
            && match.headers.allSatisfy { wanted in request.headers.contains { $0.0 == wanted.name } }
            && (match.queryParams.isEmpty || request.query == "q=1")
    }

    private static func isUnder(_ literal: String, _ path: String) -> Bool {
        path == literal || path.hasPrefix(literal + "/")
    }
}
