import GatewayAPI
import Testing

@testable import Routing

@Suite("What takes long to match is told apart before it is done")
struct MatchEffortTests {
    private func brief(_ table: RouteTable, _ request: TestRequest, _ effort: inout MatchEffort) -> Int32 {
        request.withView { table.matchBriefly(0, $0, &effort) }
    }

    @Test("ordinary rules are found at once, and their steps add up")
    func ordinary() {
        let table = RouteTable(
            plan: TableFixture.plan([
                PlannedMatch(path: PathMatch(.regularExpression, "/a[0-9]+"), rule: 0, rank: TableFixture.rank()),
                PlannedMatch(path: PathMatch(.prefix, "/b"), rule: 0, rank: TableFixture.rank()),
            ]))
        var effort = MatchEffort()
        #expect(brief(table, TestRequest("/a12"), &effort) >= 0)
        let once = effort.steps
        #expect(once > 0 && once < MatchEffort.brief)
        #expect(brief(table, TestRequest("/a12"), &effort) >= 0)
        #expect(effort.steps == 2 * once)
        #expect(brief(table, TestRequest("/c"), &effort) == -1)
    }

    @Test("large expressions on a long path take long, whatever they would say")
    func expressions() {
        let key = TableFixture.key("r", in: "team")
        let rank = PlannedMatch.Rank(
            rootCreation: 0, root: key, ownerCreation: 0, owner: key, ruleIndex: 0, matchIndex: 0)
        let table = RouteTable(
            plan: TableFixture.plan(
                [PlannedMatch(path: PathMatch(.regularExpression, "/.*[ab].{470}x"), rule: 0, rank: rank)],
                rules: [PlannedRule(origin: RuleOrigin(chain: [key], ruleIndex: 0), action: .forward([]))]))
        var effort = MatchEffort()
        let request = TestRequest("/" + String(repeating: "a", count: 500))
        #expect(brief(table, request, &effort) == RouteTable.costly)
        #expect(effort.costlyRule >= 0 && effort.steps >= MatchEffort.brief)
        #expect(table.namespaceHash(ofRule: effort.costlyRule) != table.namespaceHash(ofRule: -1))
        #expect(request.withView { table.match(0, $0) } == -1)
    }

    @Test("so do many conditions, of headers and of query parameters")
    func conditions() {
        let conditions = (0..<16).map { ValueMatch(name: "h\($0)", value: "1") }
        func matches(_ last: Int) -> PlannedMatch {
            let own = conditions.dropLast() + [ValueMatch(name: "z", value: "\(last)")]
            return last.isMultiple(of: 2)
                ? PlannedMatch(headers: Array(own), rule: 0, rank: TableFixture.rank())
                : PlannedMatch(queryParams: Array(own), rule: 0, rank: TableFixture.rank())
        }
        let table = RouteTable(plan: TableFixture.plan((0..<1000).map(matches)))
        var effort = MatchEffort()
        let request = TestRequest(
            "/", query: conditions.map { "\($0.name)=1" }.joined(separator: "&"),
            headers: conditions.map { ($0.name, "1") })
        #expect(brief(table, request, &effort) == RouteTable.costly)
        #expect(request.withView { table.match(0, $0) } == -1)
    }
}
