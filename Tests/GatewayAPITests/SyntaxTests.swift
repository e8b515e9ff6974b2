import GatewayAPI
import Reactor
import Testing

@Suite struct SyntaxTests {
    @Test func timesAreWrittenAsTheyAreRead() {
        #expect(Timestamp.text(seconds: 0) == "1970-01-01T00:00:00Z")
        #expect(Timestamp.text(seconds: 951_827_696) == "2000-02-29T12:34:56Z")
        #expect(Timestamp.text(seconds: 253_402_300_800) == "9999-12-31T23:59:59Z")
        #expect(Timestamp.text(seconds: -5) == "1970-01-01T00:00:00Z")
        var random = SplitMix64(seed: 1)
        for _ in 0..<2_000 {
            let seconds = Int64.random(in: 0...253_402_300_799, using: &random)
            #expect(Timestamp.parse(Timestamp.text(seconds: seconds)) == seconds)
        }
    }

    @Test(arguments: [
        ("1h30m", UInt64(5_400_000)), ("150m", 9_000_000), ("7230s", 7_230_000), ("100ms200ms300ms", 600), ("0s", 0),
        ("10s", 10_000), ("1h1h", 7_200_000), ("99999h", 359_996_400_000), ("1s1m1h1ms", 3_661_001),
    ])
    func durationsAddUpTheirParts(text: String, milliseconds: UInt64) {
        #expect(GatewayDuration.parse(text) == milliseconds)
    }

    @Test(arguments: [
        "", "0", "1", "1h30m10s20ms50h", "999999h", "1.5s", "-1s", "+1s", "1d", "1us", " 1s", "1s ", "1 s", "s", "1S",
        "ms",
    ])
    func durationsOutsideTheRuleAreRefused(text: String) {
        #expect(GatewayDuration.parse(text) == nil)
    }

    @Test func durationsPrintLargestUnitFirst() {
        #expect(GatewayDuration.text(milliseconds: 9_000_000) == "2h30m")
        #expect(GatewayDuration.text(milliseconds: 7_230_000) == "2h30s")
        #expect(GatewayDuration.text(milliseconds: 600) == "600ms")
        #expect(GatewayDuration.text(milliseconds: 0) == "0s")
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
        ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("fe80:0:0:0:0:0:0:1", "fe80::1"), ("::ffff:10.1.2.3", "10.1.2.3"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
    ])
    func addressesArePrintedCanonically(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "1..2.3", "a.b.c.d", ":", ":::", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "fe80::1%eth0", "[::1]", "::1.2.3", "1.2.3.4::",
        "1:2:3:4:5:6:7:8::",
    ])
    func textThatIsNoAddressIsRefused(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: ["example.com", "*.example.com", "a", "x-1.y", "*.com"])
    func hostnamesAreDNSNames(text: String) {
        #expect(Hostname.isValid(text))
    }

    @Test(arguments: [
        "", "*", "*example.com", "a.*.com", "Example.com", "a..b", ".a", "a.", "-a", "a-", "10.0.0.1", "*.10.0.0.1",
        "a_b", "::1",
    ])
    func otherTextIsNoHostname(text: String) {
        #expect(!Hostname.isValid(text))
    }

    @Test func namesFollowRFC1123() {
        #expect(ResourceName.isLabel("a-1") && !ResourceName.isLabel("a.b") && !ResourceName.isLabel("-a"))
        #expect(ResourceName.isLabel(String(repeating: "a", count: 63)))
        #expect(!ResourceName.isLabel(String(repeating: "a", count: 64)))
        #expect(
            ResourceName.isSubdomain("a.b-c.d") && !ResourceName.isSubdomain("a..b") && !ResourceName.isSubdomain("A"))
        #expect(ResourceName.isGroup("") && ResourceName.isGroup("gateway.kgateway.dev"))
        #expect(ResourceName.isKind("HTTPRoute") && !ResourceName.isKind("1a") && !ResourceName.isKind("a-"))
    }

    @Test(arguments: ["/", "/a/b", "/a/", "/%20", "/a.b~c!$&'()*+,;=:@-_", "/.well-known", "/a/..b", "/..."])
    func soundPathValuesAreAccepted(value: String) {
        #expect(PathValue.brokenRule(value) == nil)
    }

    @Test(arguments: [
        ("", "must begin with /"), ("a", "must begin with /"), ("/a//b", "must not contain //"),
        ("/a/./b", "must not contain /./"), ("/a/../b", "must not contain /../"), ("/a%2fb", "must not contain %2f"),
        ("/a%2Fb", "must not contain %2F"), ("/a#b", "must not contain #"), ("/a/..", "must not end with /.."),
        ("/a/.", "must not end with /."), ("/a b", "must be made of letters, digits, -/._~!$&'()*+,;=:@ and %HH"),
        ("/%2", "must be made of letters, digits, -/._~!$&'()*+,;=:@ and %HH"),
        ("/?x", "must be made of letters, digits, -/._~!$&'()*+,;=:@ and %HH"),
    ])
    func brokenPathRulesAreNamed(value: String, rule: String) {
        #expect(PathValue.brokenRule(value) == rule)
    }

    @Test func headerNamesAreTokensAndValuesAreSingleSpacedWords() {
        #expect(
            FieldSyntax.isName("X-Trace_1") && !FieldSyntax.isName("a b") && !FieldSyntax.isName("")
                && !FieldSyntax.isName("a:"))
        #expect(FieldSyntax.isValue("a b\tc") && !FieldSyntax.isValue("a  b") && !FieldSyntax.isValue(" a"))
        #expect(!FieldSyntax.isValue("a\r\nb") && !FieldSyntax.isValue("é") && !FieldSyntax.isValue(""))
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", Int64(0)), ("2024-02-29T12:30:15Z", 1_709_209_815),
        ("2024-02-29T12:30:15.5+02:00", 1_709_202_615), ("1969-12-31T23:59:59Z", -1),
    ])
    func timestampsAreSecondsSince1970(text: String, seconds: Int64) {
        #expect(Timestamp.parse(text) == seconds)
    }

    @Test(arguments: [
        "", "2024-02-29", "2024-13-01T00:00:00Z", "2024-02-29T12:30:15", "2024-02-29T25:00:00Z",
        "2024-02-29T12:30:15Zx",
    ])
    func otherTextIsNoTimestamp(text: String) {
        #expect(Timestamp.parse(text) == nil)
    }
}
