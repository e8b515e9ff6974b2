import GatewayAPI
import Testing

@testable import Routing

@Suite struct DelegateCompositionTests {
    static func match(
        _ path: PathMatch, headers: [String] = [], method: String? = nil
    ) throws -> EffectiveMatch {
        let conditions = headers.map { ValueMatch(name: String($0.prefix(1)), value: String($0.dropFirst())) }
        return try EffectiveMatch(HTTPRouteMatch(path: path, headers: conditions, method: method), position: 0)
    }

    @Test(
        arguments: [
            ("/a", .prefix, "/a", true), ("/a", .prefix, "/a/b", true), ("/a/", .prefix, "/a", true),
            ("/a", .prefix, "/ab", false),
            ("/a", .exact, "/a/x", true), ("/a", .exact, "/", false), ("/", .prefix, "/x", true),
            ("/a", .regularExpression, "/a/.*", true), ("/a", .regularExpression, "^/a/[0-9]+$", true),
            ("/a", .regularExpression, "/a(/.*)?", true), ("/a", .regularExpression, "/a(/x|/y)", true),
            ("/a", .regularExpression, "/a.*", false), ("/a", .regularExpression, "/a/x|/secret", false),
            ("/a", .regularExpression, "/a?/x", false), ("/a", .regularExpression, "/a/?x", false),
            ("/a", .regularExpression, "/a(/x|y)", false), ("/a", .regularExpression, "/a(/x)?y", false),
            ("/a", .regularExpression, "/a/\\Q(\\E|/secret", false),
            ("/a", .regularExpression, "/a/[[:x]|/secret", false),
            ("/a", .regularExpression, "/a/[]|]|/secret", false), ("/a", .regularExpression, "/a/[|(]+", true),
            ("/a", .regularExpression, "/a/(x|y)", true), ("/a.b", .regularExpression, "/a.b/x", false),
            ("/a.b", .regularExpression, "/a\\.b/x", true), ("/a", .regularExpression, "(?i)/a/x", false),
            ("/", .regularExpression, ".*", true), ("/a", .regularExpression, "/a/\\Qx|y\\E", true),
            // Whatever the spelling, the path decides.
            ("/payments", .prefix, "/payments/%2e%2e/admin", false), ("/payments", .prefix, "/payments/.%2E", false),
            ("/t", .exact, "/t/%2e%2e/login", false), ("/t", .exact, "/x/%2e%2e/t/login", true),
            ("/team%2Da", .prefix, "/team-a/x", true), ("/team-a", .exact, "/team%2da/x", true),
            ("/caf%C3%A9", .prefix, "/caf%c3%a9/menu", true), ("/a", .prefix, "/a//b", true),
            ("/a/%2e%2e/b", .prefix, "/b/x", true), ("/a/%2e%2e/b", .prefix, "/a/x", false),
            ("/a%2fb", .prefix, "/a/b", false), ("/a%2fb", .prefix, "/a%2Fb/c", true),
            ("/team-a", .regularExpression, "/team%2Da/.*", true), ("/a.b", .regularExpression, "/a%2eb/x", true),
            ("/caf%c3%a9", .regularExpression, "/café/[0-9]+", true),
        ] as [(String, PathMatch.Kind, String, Bool)])
    func aChildStaysInsideItsParentsPrefix(
        _ prefix: String, _ kind: PathMatch.Kind, _ value: String, _ isInside: Bool
    ) throws {
        let child = try Self.match(PathMatch(kind, value))
        let composed = MatchComposition.compose(
            parent: try Self.match(PathMatch(.prefix, prefix)), child: child, inherits: false)
        #expect((composed != nil) == isInside)
        if isInside { #expect(composed == child) }
    }

    @Test(
        arguments: [
            (PathMatch(.prefix, "/a"), PathMatch(.prefix, "/x"), PathMatch(.prefix, "/a/x")),
            (PathMatch(.prefix, "/a/"), PathMatch(.exact, "/x"), PathMatch(.exact, "/a/x")),
            (PathMatch(.prefix, "/a"), PathMatch(.prefix, "/"), PathMatch(.prefix, "/a")),
            (PathMatch(.prefix, "/a"), PathMatch(.exact, "/"), PathMatch(.exact, "/a")),
            (PathMatch(.prefix, "/"), PathMatch(.prefix, "/x"), PathMatch(.prefix, "/x")),
            (PathMatch(.exact, "/a"), PathMatch(.prefix, "/"), PathMatch(.exact, "/a")),
            (
                PathMatch(.prefix, "/a.b"), PathMatch(.regularExpression, "/x+"),
                PathMatch(.regularExpression, "/a\\.b/x+")
            ),
            (
                PathMatch(.prefix, "/a"), PathMatch(.regularExpression, "/x|/y"),
                PathMatch(.regularExpression, "/a(?:/x|/y)")
            ),
            (PathMatch(.prefix, "/a"), PathMatch(.regularExpression, ".*"), PathMatch(.regularExpression, "/a/(?:.*)")),
            (
                PathMatch(.regularExpression, "/v[0-9]$"), PathMatch(.prefix, "/x.y"),
                PathMatch(.regularExpression, "/v[0-9]/x\\.y(?:/.*)?$")
            ),
            (
                PathMatch(.regularExpression, "/v1|/v2"), PathMatch(.exact, "/x"),
                PathMatch(.regularExpression, "(?:/v1|/v2)/x")
            ),
            (PathMatch(.prefix, "/a"), PathMatch(.regularExpression, "/x|y"), nil),
            (PathMatch(.prefix, "/a"), PathMatch(.regularExpression, "/?x"), nil),
            (PathMatch(.exact, "/a"), PathMatch(.exact, "/"), PathMatch(.exact, "/a")),
            (PathMatch(.exact, "/a"), PathMatch(.prefix, "/b"), nil),
            (PathMatch(.exact, "/a"), PathMatch(.exact, "/b"), nil),
            (PathMatch(.exact, "/a"), PathMatch(.regularExpression, "(/.*)?"), nil),
            (PathMatch(.prefix, "/a%2Db/"), PathMatch(.prefix, "/%63/"), PathMatch(.prefix, "/a-b/c")),
            (PathMatch(.prefix, "/a"), PathMatch(.prefix, "/x/%2e%2e/y"), PathMatch(.prefix, "/a/y")),
            (
                PathMatch(.prefix, "/caf%c3%a9"), PathMatch(.regularExpression, "/%2ex|/y"),
                PathMatch(.regularExpression, "/caf%C3%A9(?:/\\.x|/y)")
            ),
            (PathMatch(.prefix, "/a"), PathMatch(.regularExpression, "/[a-z]/%2e%2e/secret"), nil),
        ] as [(PathMatch, PathMatch, PathMatch?)])
    func anInheritingChildIsLaidBelowItsParent(_ parent: PathMatch, _ child: PathMatch, _ expected: PathMatch?) throws {
        guard let below = try? Self.match(child) else {
            #expect(expected == nil)
            return
        }
        let composed = MatchComposition.compose(parent: try Self.match(parent), child: below, inherits: true)
        #expect(composed?.path == expected)
    }

    @Test func withoutInheritanceTheChildRepeatsTheParentsConditions() throws {
        let parent = try Self.match(PathMatch(.prefix, "/a"), headers: ["x1"], method: "GET")
        func isTaken(_ headers: [String], _ method: String?) throws -> Bool {
            let child = try Self.match(PathMatch(.prefix, "/a"), headers: headers, method: method)
            return MatchComposition.compose(parent: parent, child: child, inherits: false) != nil
        }
        #expect(try isTaken(["x1", "y2"], "GET"))
        #expect(try !isTaken(["x2"], "GET"))
        #expect(try !isTaken([], "GET"))
        #expect(try !isTaken(["x1"], nil))
        #expect(try !isTaken(["x1"], "POST"))
    }

    @Test func longPathsTakeMoreOfTheBudgetThanShortOnes() throws {
        let short = try Self.match(PathMatch(.prefix, "/a"))
        let long = try Self.match(PathMatch(.regularExpression, "/a/[" + String(repeating: "b", count: 635) + "]"))
        #expect(long.path.value.utf8.count == 640)
        #expect(MatchComposition.comparisons([short, short], [short, short, short]) == 6)
        #expect(MatchComposition.comparisons([short], [long]) == 11)
        #expect(MatchComposition.comparisons([long, long], [long, long]) == 4 + 4 * 20)
    }

    @Test func withInheritanceConditionsAreUnitedAndTheParentsWin() throws {
        let parent = try Self.match(PathMatch(.prefix, "/a"), headers: ["x1"], method: "GET")
        let child = try Self.match(PathMatch(.prefix, "/b"), headers: ["y2", "x9"], method: "POST")
        let composed = MatchComposition.compose(parent: parent, child: child, inherits: true)
        #expect(composed?.headers == [ValueMatch(name: "x", value: "1"), ValueMatch(name: "y", value: "2")])
        #expect(composed?.method == "GET")
    }

    @Test func filtersAccumulateFromTheChildUpwardAndTheNearestTimeoutsCount() {
        func modifier(_ value: String) -> HeaderModifier {
            HeaderModifier(set: [HeaderModifier.Field(name: "x", value: value)])
        }
        let parent = RuleBody(
            requestHeaders: [modifier("p")], redirect: RequestRedirect(hostname: "p"),
            rewrite: URLRewrite(hostname: "p", path: .replaceFullPath("/p")), timeouts: HTTPRouteTimeouts(request: 1))
        let child = RuleBody(
            requestHeaders: [modifier("c")], rewrite: URLRewrite(path: .replaceFullPath("/c")),
            timeouts: HTTPRouteTimeouts(backendRequest: 2))
        let merged = child.inheriting(parent)
        #expect(merged.requestHeaders == [modifier("c")])
        #expect(merged.inheritedHeaders.request == [modifier("p")])
        #expect(merged.redirect?.hostname == "p")
        #expect(merged.rewrite == URLRewrite(hostname: "p", path: .replaceFullPath("/c")))
        #expect(merged.timeouts == HTTPRouteTimeouts(backendRequest: 2))
    }
}
