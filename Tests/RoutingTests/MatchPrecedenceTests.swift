import GatewayAPI
import Testing

@testable import Routing

@Suite("Precedence of matches")
struct MatchPrecedenceTests {
    private func match(
        _ rule: Int, _ path: PathMatch = PathMatch(.prefix, "/"), hosts: [String] = [], headers: [ValueMatch] = [],
        query: [ValueMatch] = [], method: String? = nil, rank: PlannedMatch.Rank? = nil
    ) -> PlannedMatch {
        PlannedMatch(
            hostnames: hosts, path: path, headers: headers, queryParams: query, method: method, rule: rule,
            rank: rank ?? TableFixture.rank("r\(rule)"))
    }

    /// The first of the two is expected to win, whichever way round they are given.
    private func expectFirst(_ a: PlannedMatch, _ b: PlannedMatch, _ request: TestRequest) {
        for matches in [[a, b], [b, a]] {
            let table = RouteTable(plan: TableFixture.plan(matches))
            #expect(TableFixture.matched(table, request) == a.rule)
        }
    }

    @Test("Exact beats RegularExpression beats PathPrefix, whatever their order")
    func kinds() {
        let exact = match(0, PathMatch(.exact, "/a/b"))
        let expression = match(1, PathMatch(.regularExpression, "/a/.*"))
        let prefix = match(2, PathMatch(.prefix, "/a/b"), method: "GET")
        expectFirst(exact, expression, TestRequest("/a/b"))
        expectFirst(expression, prefix, TestRequest("/a/b"))
        expectFirst(exact, prefix, TestRequest("/a/b"))
    }

    @Test("Longer prefix, then method, then headers, then query parameters, then age, name and order")
    func ties() {
        let request = TestRequest("/a/b/c", query: "q=1", headers: [("x", "1"), ("y", "2")])
        let x = ValueMatch(name: "x", value: "1")
        let y = ValueMatch(name: "y", value: "2")
        let q = ValueMatch(name: "q", value: "1")
        let path = PathMatch(.prefix, "/a")
        expectFirst(match(0, PathMatch(.prefix, "/a/b")), match(1, path, headers: [x], method: "GET"), request)
        expectFirst(match(0, path, method: "GET"), match(1, path, headers: [x, y], query: [q]), request)
        expectFirst(match(0, path, headers: [x, y]), match(1, path, headers: [x], query: [q]), request)
        expectFirst(match(0, path, query: [q]), match(1, path), request)
        expectFirst(
            match(0, path, rank: TableFixture.rank("z", created: 1)),
            match(1, path, rank: TableFixture.rank("a", created: 2)),
            request)
        expectFirst(match(0, path, rank: TableFixture.rank("a")), match(1, path, rank: TableFixture.rank("b")), request)
        expectFirst(
            match(0, path, rank: TableFixture.rank(rule: 0, match: 1)),
            match(1, path, rank: TableFixture.rank(rule: 1)), request)
    }

    @Test("A delegated rule ranks by its root's age before its own")
    func delegatedAge() {
        func rank(root: Int64, owner: Int64) -> PlannedMatch.Rank {
            PlannedMatch.Rank(
                rootCreation: root, root: TableFixture.key("root"), ownerCreation: owner, owner: TableFixture.key("o"),
                ruleIndex: 0, matchIndex: 0)
        }
        expectFirst(match(0, rank: rank(root: 1, owner: 9)), match(1, rank: rank(root: 2, owner: 1)), TestRequest("/"))
        expectFirst(match(0, rank: rank(root: 1, owner: 1)), match(1, rank: rank(root: 1, owner: 2)), TestRequest("/"))
    }

    @Test("The more specific hostname goes first, and what none of its rules matches goes on to less specific ones")
    func hostnames() {
        let table = RouteTable(
            plan: TableFixture.plan([
                match(0, PathMatch(.prefix, "/exact"), hosts: ["a.b.example.com"]),
                match(1, PathMatch(.prefix, "/wild"), hosts: ["*.b.example.com"]),
                match(2, PathMatch(.exact, "/exact"), hosts: ["*.example.com"]),
                match(3, PathMatch(.prefix, "/any")),
            ]))
        let cases: [(String, String, Int?)] = [
            ("a.b.example.com", "/exact", 0), ("A.B.Example.COM.", "/exact", 0), ("a.b.example.com", "/wild", 1),
            ("x.b.example.com", "/exact", 2), ("a.b.example.com", "/any/x", 3), ("b.example.com", "/wild", nil),
            ("b.example.com", "/exact", 2), ("x.y.z.example.com", "/exact", 2), ("example.com", "/exact", nil),
            (".example.com", "/exact", nil), ("xexample.com", "/exact", nil), ("", "/any", 3),
        ]
        for (host, path, expected) in cases {
            #expect(TableFixture.matched(table, TestRequest(path, host: host)) == expected, "\(host) \(path)")
        }
    }

    @Test("A host longer than any DNS name meets only the rules for every host")
    func longHost() {
        let table = RouteTable(plan: TableFixture.plan([match(0, hosts: ["*.com"]), match(1)]))
        let long = String(repeating: "a.", count: 200) + "com"
        #expect(TableFixture.matched(table, TestRequest("/", host: long)) == 1)
    }
}

@Suite("Paths of matches")
struct MatchPathTests {
    @Test(
        "PathPrefix matches whole elements and ignores its trailing slash",
        arguments: [
            ("/abc", "/abc", true), ("/abc", "/abc/", true), ("/abc", "/abc/d", true), ("/abc", "/abcd", false),
            ("/abc/", "/abc", true), ("/abc/", "/abc/d", true), ("/abc/", "/abcd", false), ("/", "/", true),
            ("/", "/x/y", true), ("/v2", "/v2example", false), ("/a/b", "/a", false), ("/a//b", "/a/b/c", true),
            ("/%61", "/a/x", true),
        ])
    func prefixes(value: String, path: String, expected: Bool) {
        let table = RouteTable(
            plan: TableFixture.plan([PlannedMatch(path: PathMatch(.prefix, value), rule: 0, rank: TableFixture.rank())])
        )
        #expect((TableFixture.matched(table, TestRequest(path)) != nil) == expected)
    }

    @Test("Exact is case-sensitive and takes the whole path")
    func exact() {
        let table = RouteTable(
            plan: TableFixture.plan([PlannedMatch(path: PathMatch(.exact, "/One"), rule: 0, rank: TableFixture.rank())])
        )
        #expect(TableFixture.matched(table, TestRequest("/One")) == 0)
        for path in ["/one", "/One/", "/One/x", "/On", "/"] {
            #expect(TableFixture.matched(table, TestRequest(path)) == nil)
        }
    }

    @Test("A regular expression matches the whole path; one that does not compile matches nothing and hurts no other")
    func expressions() {
        let matches = ["/a[0-9]+", "/(", "/b|/c.*", "/d?e", "(?i)/UP"].enumerated().map { index, pattern in
            PlannedMatch(
                path: PathMatch(.regularExpression, pattern), rule: index, rank: TableFixture.rank(rule: index))
        }
        let table = RouteTable(plan: TableFixture.plan(matches))
        let cases: [(String, Int?)] = [
            ("/a12", 0), ("/a12/x", nil), ("x/a12", nil), ("/b", 2), ("/cx", 2), ("/e", 3), ("/de", 3), ("/up", 4),
            ("/(", nil),
        ]
        for (path, expected) in cases { #expect(TableFixture.matched(table, TestRequest(path)) == expected, "\(path)") }
        let cache = ExpressionCache(keepsPrograms: false)
        let usable = ["/(", "/a+", "(((a{100}){100}){100})"].map { cache.verdict($0).problem == nil }
        #expect(usable == [false, true, false])
    }

    @Test("Prefixes deeper than 63 elements are found")
    func deep() {
        let deep = String(repeating: "/e", count: 100)
        let table = RouteTable(
            plan: TableFixture.plan([
                PlannedMatch(path: PathMatch(.prefix, deep), rule: 0, rank: TableFixture.rank()),
                PlannedMatch(rule: 1, rank: TableFixture.rank()),
            ]))
        #expect(TableFixture.matched(table, TestRequest(deep + "/x")) == 0)
        #expect(TableFixture.matched(table, TestRequest(String(deep.dropLast(2)))) == 1)
    }
}

@Suite("Conditions of matches")
struct MatchConditionTests {
    private func table(headers: [ValueMatch] = [], query: [ValueMatch] = [], method: String? = nil) -> RouteTable {
        RouteTable(
            plan: TableFixture.plan([
                PlannedMatch(headers: headers, queryParams: query, method: method, rule: 0, rank: TableFixture.rank())
            ]))
    }

    @Test("Header names compare without case, values exactly; repeated fields count joined by a comma")
    func headers() {
        let table = table(headers: [ValueMatch(name: "X-Team", value: "a,b")])
        #expect(TableFixture.matched(table, TestRequest("/", headers: [("x-TEAM", "a,b")])) == 0)
        #expect(TableFixture.matched(table, TestRequest("/", headers: [("x-team", "a"), ("X-Team", "b")])) == 0)
        #expect(TableFixture.matched(table, TestRequest("/", headers: [("x-team", "A,B")])) == nil)
        #expect(TableFixture.matched(table, TestRequest("/", headers: [("x-team", "a")])) == nil)
        #expect(TableFixture.matched(table, TestRequest("/")) == nil)
        let empty = self.table(headers: [ValueMatch(name: "e", value: ",b")])
        #expect(TableFixture.matched(empty, TestRequest("/", headers: [("e", ""), ("e", "b")])) == 0)
    }

    @Test("Of two header conditions with one name the first counts")
    func duplicateNames() {
        let table = table(headers: [ValueMatch(name: "x", value: "1"), ValueMatch(name: "X", value: "2")])
        #expect(TableFixture.matched(table, TestRequest("/", headers: [("x", "1")])) == 0)
    }

    @Test("A header expression matches the whole value")
    func headerExpression() {
        let table = table(headers: [ValueMatch(name: "v", value: "v[0-9]", isRegularExpression: true)])
        #expect(TableFixture.matched(table, TestRequest("/", headers: [("v", "v1")])) == 0)
        #expect(TableFixture.matched(table, TestRequest("/", headers: [("v", "v12")])) == nil)
    }

    @Test(
        "Query parameters: the first of a name counts, decoded as forms write them",
        arguments: [
            ("q=a b", nil), ("q=a%20b", 0), ("q=a+b", 0), ("%71=a+b", 0), ("Q=a+b", nil), ("q=x&q=a+b", nil),
            ("z&q=a+b", 0),
            ("q=a+b&q=x", 0), ("qq=a+b", nil), ("", nil), ("q", nil), ("q=a%2", nil), ("&&q=a%20b&", 0),
        ] as [(String, Int?)])
    func queries(query: String, expected: Int?) {
        let table = table(query: [ValueMatch(name: "q", value: "a b")])
        let expected = query == "q=a b" ? 0 : expected
        #expect(TableFixture.matched(table, TestRequest("/", query: query)) == expected)
    }

    @Test("Methods compare exactly")
    func methods() {
        let table = table(method: "POST")
        #expect(TableFixture.matched(table, TestRequest("/", method: "POST")) == 0)
        #expect(TableFixture.matched(table, TestRequest("/", method: "post")) == nil)
        #expect(TableFixture.matched(table, TestRequest("/")) == nil)
    }
}
