import GatewayAPI
import Testing

@testable import Routing

@Suite struct PathExpressionNormalFormTests {
    @Test(
        "Text in an expression is brought into the form of the paths it is matched with",
        arguments: [
            ("/a/[0-9]+", "/a/[0-9]+"), ("/team%2Da/.*", "/team-a/.*"), ("/a%2eb", "/a\\.b"),
            ("/caf%c3%a9/.*", "/caf%C3%A9/.*"), ("/café/.*", "/caf%C3%A9/.*"), ("/é+", "/(?:%C3%A9)+"),
            ("/a b", "/a%20b"), ("/a%2fb", "/a%2Fb"), ("/x\\/y\\-z", "/x/y-z"), ("/\\Qa.b\\E/.*", "/a\\.b/.*"),
            ("/\\x61", "/a"), ("/a%[0-9a-f]{2}/", "/a%(?i:[0-9a-f]{2})/"),
            ("/%[0-9a-f][0-9a-f]+", "/%(?i:[0-9a-f][0-9a-f]+)"), ("/a{2}/{x}", "/a{2}/\\{x\\}"),
            // Not understood, or not valid: left alone.
            ("/a\\1", "/a\\1"), ("/a(", "/a("),
        ])
    func textIsNormalised(_ written: String, _ normal: String) throws {
        #expect(try PathMatch(.regularExpression, written).normalForm().value == normal)
        #expect(try PathMatch(.regularExpression, normal).normalForm().value == normal)
    }

    @Test(
        "An expression that no normalised path matches says why",
        arguments: [
            ("/a//b", "//"), ("/\\.\\./b/.*", "above the root"), ("/a/%2e%2e/%2e%2e/x", "/"),
            ("/a/%2e%2e/x.*", "/a/../"),
            ("/a/%zz", "hexadecimal"), ("/a/%00.*", "%00"), ("a/.*", "begin with /"), ("/a\\?x=1", "?"),
            ("/a#b", "#"), ("/a\\\\b", "\\"), ("/a/%2d+", "%2d"), ("/x(?:/%2e%2e|/\\.)", "/"),
            ("/a/\\.\\.;x/.*", "dot segment"),
            ("(?:/a//b|/c/\\./d)", "//"), ("/a/\\.%2e%2fb", "dot segment"), ("/b/\\.\\.", "/"),
        ])
    func impossibleOnesAreRefused(_ written: String, _ reason: String) {
        do throws(ImpossiblePath) {
            let normal = try PathMatch(.regularExpression, written).normalForm()
            Issue.record("\(written) counts as possible: \(normal.value)")
        } catch {
            #expect(error.reason.contains(reason), "\(error.reason)")
        }
    }

    @Test(
        "What may match is never refused",
        arguments: [
            ".*", "/.*", "(?i)/A/.*", "/a/?/b", "/a(/)?/b", "/a/\\.*", "/a/..x", "/a/\\.\\.?x", "/a//?b", "*", "^/a$",
            "/a|//", "/a/\\.{1,2}[a-z]", "/%[0-9A-F]{2}", "/a%2F\\.x", "", "\\Q/a\\E|//b",
        ])
    func possibleOnesStay(_ written: String) {
        #expect(throws: Never.self) { try PathMatch(.regularExpression, written).normalForm() }
    }

    @Test(
        "Values whose paths no request has",
        arguments: [
            (.prefix, "/a/%2e%2e/%2e%2e/x", "above the root"), (.exact, "/b/%00", "%00"),
            (.prefix, "/c/..;v=1/x", "dot segment"), (.exact, "/a?x", "?"), (.prefix, "/a#b", "#"),
            (.exact, "/a/%2", "hexadecimal"), (.prefix, "/a/..%2Fb", "dot segment"), (.exact, "a", "begin with /"),
        ] as [(PathMatch.Kind, String, String)])
    func impossibleValuesAreRefused(_ kind: PathMatch.Kind, _ value: String, _ reason: String) {
        do throws(ImpossiblePath) {
            _ = try PathMatch(kind, value).normalForm()
            Issue.record("\(value) counts as possible")
        } catch {
            #expect(error.reason.contains(reason), "\(error.reason)")
        }
    }

    @Test("One path in two spellings is one match")
    func spellings() throws {
        for (a, b) in [
            ("/team%2Da", "/team-a/"), ("/caf%c3%a9", "/caf%C3%A9//"), ("/x/./a", "/x/y/../a"), ("/%7euser", "/~user"),
        ] {
            #expect(try PathMatch(.prefix, a).normalForm() == PathMatch(.prefix, b).normalForm())
        }
        #expect(try PathMatch(.exact, "/a/").normalForm() != PathMatch(.exact, "/a").normalForm())
    }
}
