import GatewayAPI
import Testing

@testable import Routing

@Suite("Rewrites and redirects")
struct TableRewriteTests {
    /// A table whose only rule is `rule`, reached by PathPrefix `prefix`.
    private func table(_ rule: PlannedRule, prefix: String = "/") -> RouteTable {
        let match = PlannedMatch(path: PathMatch(.prefix, prefix), rule: 0, rank: TableFixture.rank())
        return RouteTable(plan: TableFixture.plan([match], rules: [rule]))
    }

    private func rewritten(_ path: PathModifier, prefix: String, _ request: TestRequest) -> String? {
        var rule = TableFixture.rule()
        rule.rewrite = URLRewrite(path: path)
        let table = table(rule, prefix: prefix)
        return request.withView { view in
            let matched = table.match(0, view)
            guard matched >= 0 else { return nil }
            return written { table.rewritePath(table.rewrite(matched, share: -1), view, into: $0) }
        }
    }

    @Test(
        "ReplacePrefixMatch, the standard's table",
        arguments: [
            ("/foo/bar", "/foo", "/xyz", "/xyz/bar"), ("/foo/bar", "/foo", "/xyz/", "/xyz/bar"),
            ("/foo/bar", "/foo/", "/xyz", "/xyz/bar"), ("/foo/bar", "/foo/", "/xyz/", "/xyz/bar"),
            ("/foo", "/foo", "/xyz", "/xyz"), ("/foo/", "/foo", "/xyz", "/xyz/"), ("/foo/bar", "/foo", "", "/bar"),
            ("/foo/bar", "/foo", "/", "/bar"), ("/foo/", "/foo", "", "/"), ("/foo", "/foo", "", "/"),
            ("/foo/", "/foo", "/", "/"), ("/foo", "/foo", "/", "/"), ("/x", "/", "/p", "/p/x"), ("/", "/", "/p", "/p/"),
            ("/x/y", "/", "/", "/x/y"), ("/foo/bar", "/foo", "xyz", "/xyz/bar"),
        ])
    func prefixes(path: String, prefix: String, replacement: String, expected: String) {
        #expect(rewritten(.replacePrefixMatch(replacement), prefix: prefix, TestRequest(path)) == expected)
        #expect(
            rewritten(.replacePrefixMatch(replacement), prefix: prefix, TestRequest(path, query: "a=b&c"))
                == expected + "?a=b&c")
    }

    @Test("ReplaceFullPath keeps the query, an empty one too")
    func fullPath() {
        #expect(rewritten(.replaceFullPath("/one"), prefix: "/", TestRequest("/a/b", query: "q")) == "/one?q")
        #expect(rewritten(.replaceFullPath("/one"), prefix: "/", TestRequest("/a", query: "")) == "/one?")
        #expect(rewritten(.replaceFullPath(""), prefix: "/", TestRequest("/a")) == "/")
    }

    @Test("One rule reached by two prefixes replaces the one that matched")
    func sharedRule() {
        var rule = TableFixture.rule()
        rule.rewrite = URLRewrite(path: .replacePrefixMatch("/new"))
        let matches = ["/api", "/api/v2"].map {
            PlannedMatch(path: PathMatch(.prefix, $0), rule: 0, rank: TableFixture.rank())
        }
        let table = RouteTable(plan: TableFixture.plan(matches, rules: [rule]))
        for (path, expected) in [("/api/x", "/new/x"), ("/api/v2/x", "/new/x")] {
            let result = TestRequest(path).withView { view in
                written { table.rewritePath(table.rewrite(table.match(0, view), share: -1), view, into: $0) }
            }
            #expect(result == expected)
        }
    }

    @Test("A share's rewrite replaces the rule's, part by part; a target too small is reported")
    func shares() {
        var rule = TableFixture.rule()
        rule.rewrite = URLRewrite(hostname: "rule.example", path: .replaceFullPath("/rule"))
        rule.action = .forward([
            PlannedBackend(target: .backend(0), weight: 1, rewrite: URLRewrite(hostname: "share.example")),
            PlannedBackend(target: .backend(0), weight: 1, rewrite: URLRewrite(path: .replaceFullPath("/share"))),
        ])
        let table = table(rule)
        TestRequest("/x").withView { view in
            let first = table.rewrite(0, share: 0)
            let second = table.rewrite(0, share: 1)
            #expect(table.rewriteHost(first).map(text) == "share.example")
            #expect(table.rewriteHost(second).map(text) == "rule.example")
            #expect(written { table.rewritePath(first, view, into: $0) } == "/rule")
            #expect(written { table.rewritePath(second, view, into: $0) } == "/share")
            #expect(written(5) { table.rewritePath(second, view, into: $0) } == nil)
        }
    }

    @Test(
        "Location: port of the redirect, else of its scheme, else of the listener; 80 and 443 are left out of their scheme",
        arguments: [
            (nil, nil, 8080, false, "http://example.com:8080/p?q=1"), (nil, nil, 80, false, "http://example.com/p?q=1"),
            ("https", nil, 8080, false, "https://example.com/p?q=1"),
            ("http", nil, 8080, true, "http://example.com/p?q=1"),
            ("https", 80, 80, false, "https://example.com:80/p?q=1"),
            ("https", 443, 80, false, "https://example.com/p?q=1"),
            (nil, 8443, 80, false, "http://example.com:8443/p?q=1"), (nil, nil, 443, true, "https://example.com/p?q=1"),
            ("ftp", nil, 2121, false, "ftp://example.com:2121/p?q=1"),
        ] as [(String?, UInt16?, UInt16, Bool, String)])
    func locations(scheme: String?, port: UInt16?, listener: UInt16, isTLS: Bool, expected: String) {
        let table = table(TableFixture.rule("r", .redirect(RequestRedirect(scheme: scheme, port: port))))
        TestRequest("/p", query: "q=1").withView { view in
            let redirect = table.rule(table.match(0, view)).redirect
            #expect(
                written { table.writeLocation(redirect, view, listenerPort: listener, isTLS: isTLS, into: $0) }
                    == expected)
            #expect(
                written(8) { table.writeLocation(redirect, view, listenerPort: listener, isTLS: isTLS, into: $0) }
                    == nil)
        }
    }

    @Test("A redirect replaces host, path and status; so does one of a share")
    func redirects() {
        let redirect = RequestRedirect(hostname: "new.example", path: .replacePrefixMatch("/to"), statusCode: 308)
        let share = PlannedBackend(target: .redirect(redirect), weight: 1)
        for action in [PlannedRule.Action.redirect(redirect), .forward([share])] {
            let table = table(TableFixture.rule("r", action), prefix: "/from")
            TestRequest("/from/x").withView { view in
                let rule = table.match(0, view)
                let index =
                    table.rule(rule).action == .redirect ? table.rule(rule).redirect : table.share(rule, 0).redirect
                #expect(table.redirectStatus(index) == 308)
                #expect(
                    written { table.writeLocation(index, view, listenerPort: 80, isTLS: false, into: $0) }
                        == "http://new.example/to/x")
            }
        }
    }
}
