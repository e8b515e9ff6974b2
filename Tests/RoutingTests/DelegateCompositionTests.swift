import GatewayAPI
import Testing

@testable import Routing

@Suite struct DelegateCompositionTests {
    static func match(_ path: PathMatch, headers: [String] = [], method: String? = nil) -> EffectiveMatch {
        let conditions = headers.map { ValueMatch(name: String($0.prefix(1)), value: String($0.dropFirst())) }
        return EffectiveMatch(HTTPRouteMatch(path: path, headers: conditions, method: method), position: 0)
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
            ("/", .regularExpression, ".*", true),
        ] as [(String, PathMatch.Kind, String, Bool)])
    func aChildStaysInsideItsParentsPrefix(_ prefix: String, _ kind: PathMatch.Kind, _ value: String, _ isInside: Bool)
    {
        let composed = MatchComposition.compose(
            parent: Self.match(PathMatch(.prefix, prefix)), child: Self.match(PathMatch(kind, value)), inherits: false)
        #expect((composed != nil) == isInside)
        if isInside { #expect(composed?.path == PathMatch(kind, value)) }
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
        ] as [(PathMatch, PathMatch, PathMatch?)])
    func anInheritingChildIsLaidBelowItsParent(_ parent: PathMatch, _ child: PathMatch, _ expected: PathMatch?) {
        let composed = MatchComposition.compose(parent: Self.match(parent), child: Self.match(child), inherits: true)
        #expect(composed?.path == expected)
    }

    @Test func withoutInheritanceTheChildRepeatsTheParentsConditions() {
        let parent = Self.match(PathMatch(.prefix, "/a"), headers: ["x1"], method: "GET")
        func isTaken(_ headers: [String], _ method: String?) -> Bool {
            let child = Self.match(PathMatch(.prefix, "/a"), headers: headers, method: method)
            return MatchComposition.compose(parent: parent, child: child, inherits: false) != nil
        }
        #expect(isTaken(["x1", "y2"], "GET"))
        #expect(!isTaken(["x2"], "GET"))
        #expect(!isTaken([], "GET"))
        #expect(!isTaken(["x1"], nil))
        #expect(!isTaken(["x1"], "POST"))
    }

    @Test func withInheritanceConditionsAreUnitedAndTheParentsWin() {
        let parent = Self.match(PathMatch(.prefix, "/a"), headers: ["x1"], method: "GET")
        let child = Self.match(PathMatch(.prefix, "/b"), headers: ["y2", "x9"], method: "POST")
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
        #expect(merged.requestHeaders == [modifier("c"), modifier("p")])
        #expect(merged.redirect?.hostname == "p")
        #expect(merged.rewrite == URLRewrite(hostname: "p", path: .replaceFullPath("/c")))
        #expect(merged.timeouts == HTTPRouteTimeouts(backendRequest: 2))
    }
}
