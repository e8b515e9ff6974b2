import GatewayAPI
import Testing

@testable import Routing

@Suite("Regular expressions take bounded time and memory")
struct ExpressionLimitTests {
    private static let everyday = [
        "/api/v[0-9]+/users/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "/[^/]{1,128}/x", "[\\pL\\pN_-]+",
        "(en|de|fr|it|es|pt|nl|sv|da|fi|no|pl|cs)(-[A-Z]{2})?/.*", "(.*; ?)?canary=(always|never)(;.*)?",
        "(?i)(chrome|safari|firefox).*mobile.*",
    ]

    @Test("ordinary expressions are far from the limits", arguments: everyday)
    func ordinary(_ pattern: String) {
        guard case .usable(let size) = ExpressionCache().verdict(pattern) else {
            Issue.record("refused")
            return
        }
        #expect(size <= ExpressionLimits.programSize / 2)
    }

    @Test(
        "an expression whose compiled form is too large is told apart from one that is malformed",
        arguments: [
            "/(.*a.{999}|.*b.{998}|.*[ab].{997}|.*c.{900})x", "(((a{10}){10}){10})", ".*a.{900}",
            String(repeating: "\\pL", count: 6), String(repeating: "(?i:\\PN)", count: 100),
        ])
    func tooLarge(_ pattern: String) {
        guard case .tooLarge(let reason) = ExpressionCache().verdict(pattern) else {
            Issue.record("taken, or said to be malformed")
            return
        }
        #expect(reason.contains("1000"))
        guard case .invalid = ExpressionCache().verdict("/(") else {
            Issue.record("not said to be malformed")
            return
        }
    }

    @Test("a text is refused that is too long, or too long for the size of the expression")
    func textLength() {
        let small = plan("/x[0-9]*y")
        let large = plan("/x(.*[ab].{480}x)")
        let fits = TestRequest("/x" + String(repeating: "a", count: 500))
        let long = TestRequest("/x" + String(repeating: "a", count: 2_000))
        let veryLong = TestRequest("/x" + String(repeating: "a", count: 9_000))
        #expect(answer(small, fits) == -1)
        #expect(answer(small, long) == -1)
        #expect(answer(small, veryLong) == RouteTable.targetTooLong)
        #expect(answer(large, fits) == -1)
        #expect(answer(large, long) == RouteTable.targetTooLong)
        // What the expression's plain beginning rules out is never run.
        #expect(answer(large, TestRequest("/y" + String(repeating: "a", count: 9_000))) == -1)
    }

    @Test("values of header fields and query parameters are bounded alike")
    func values() {
        let condition = ValueMatch(name: "v", value: "a+", isRegularExpression: true)
        let header = TableFixture.plan([PlannedMatch(headers: [condition], rule: 0, rank: TableFixture.rank())])
        let query = TableFixture.plan([PlannedMatch(queryParams: [condition], rule: 0, rank: TableFixture.rank())])
        let long = String(repeating: "a", count: 9_000)
        #expect(answer(header, TestRequest("/", headers: [("v", "aaa")])) == 0)
        #expect(answer(header, TestRequest("/", headers: [("v", long)])) == RouteTable.fieldTooLong)
        #expect(answer(header, TestRequest("/", headers: [("w", long)])) == -1)
        #expect(answer(query, TestRequest("/", query: "v=aaa")) == 0)
        #expect(answer(query, TestRequest("/", query: "v=\(long)")) == RouteTable.targetTooLong)
    }

    @Test("a request whose expressions take too long together is refused, however many there are")
    func manyExpressions() {
        // Each builds a state for every byte, which is as slow as an expression can be.
        let matches = (0..<64).map { n in
            PlannedMatch(
                path: PathMatch(.regularExpression, "/(.*[ab].{470}[\(n % 10)x]|\(n))"), rule: 0,
                rank: TableFixture.rank())
        }
        var state: UInt32 = 1
        let path = String(
            decoding: (0..<500).map { _ -> UInt8 in
                state = state &* 1_103_515_245 &+ 12_345
                return state >> 16 & 1 == 0 ? UInt8(ascii: "a") : UInt8(ascii: "b")
            }, as: UTF8.self)
        var work = MatchWork()
        let table = RouteTable(plan: TableFixture.plan(matches))
        let found = TestRequest("/" + path).withView { table.match(0, $0, &work) }
        #expect(found == RouteTable.targetTooLong)
        #expect(work.probes < 64)
        // A short path of the same hostname is served as ever.
        #expect(TestRequest("/7").withView { table.match(0, $0) } == 0)
    }

    @Test("an expression beyond a limit answers in place of its own namespace's broader rules, and of nobody else's")
    func undecided() {
        func rank(_ namespace: String) -> PlannedMatch.Rank {
            let key = TableFixture.key("r", in: namespace)
            return PlannedMatch.Rank(
                rootCreation: 0, root: key, ownerCreation: 0, owner: key, ruleIndex: 0, matchIndex: 0)
        }
        func rule(_ namespace: String, _ action: PlannedRule.Action) -> PlannedRule {
            PlannedRule(
                origin: RuleOrigin(chain: [TableFixture.key("r", in: namespace)], ruleIndex: 0), action: action)
        }
        let plan = TableFixture.plan(
            [
                PlannedMatch(
                    path: PathMatch(.regularExpression, "/a/.{9999}"), rule: 0, rank: rank("team"), isUndecided: true),
                PlannedMatch(path: PathMatch(.exact, "/a/exact"), rule: 1, rank: rank("team")),
                PlannedMatch(path: PathMatch(.prefix, "/a/own"), rule: 1, rank: rank("team")),
                PlannedMatch(path: PathMatch(.prefix, "/a/other"), rule: 2, rank: rank("other")),
            ], rules: [rule("team", .fail(reason: "")), rule("team", .forward([])), rule("other", .forward([]))])
        #expect(answer(plan, TestRequest("/a/nothing-else")) == 0)
        #expect(answer(plan, TestRequest("/a/own")) == 0)
        #expect(answer(plan, TestRequest("/a/exact")) == 1)
        #expect(answer(plan, TestRequest("/a/other")) == 2)
        #expect(answer(plan, TestRequest("/b")) == -1)
    }

    @Test("what was compiled to be judged is used for matching, and kept while a table has it")
    func cache() {
        let cache = ExpressionCache()
        #expect(cache.verdict("/a+") == .usable(size: cache.expression("/a+")?.size ?? 0))
        var table: RouteTable? = RouteTable(plan: plan("/a+"), expressions: cache)
        let first = cache.expression("/a+").map(ObjectIdentifier.init)
        cache.settle()
        cache.settle()
        #expect(cache.count == 0 && table != nil)
        _ = cache.verdict("/a+")
        table = RouteTable(plan: plan("/a+"), expressions: cache)
        cache.settle()
        #expect(cache.expression("/a+").map(ObjectIdentifier.init) != nil && first != nil)
        table = nil
        cache.settle()
        cache.settle()
        #expect(cache.count == 0)
    }

    private func plan(_ pattern: String) -> RoutePlan {
        TableFixture.plan([
            PlannedMatch(path: PathMatch(.regularExpression, pattern), rule: 0, rank: TableFixture.rank())
        ])
    }

    /// The rule's position, or what `match` says instead.
    private func answer(_ plan: RoutePlan, _ request: TestRequest) -> Int32 {
        let table = RouteTable(plan: plan)
        let rule = request.withView { table.match(0, $0) }
        return rule < 0 ? rule : table.rule(rule).planned
    }
}
