import FuzzDriver
import SyntaxFuzz
import Testing

@Suite struct SyntaxFuzzTests {
    private static let driver = FuzzDriver(spice: [
        "/", "//", "/../", "/./", "%", "%2e", "%2F", "%5c", "%3b", "%00", "%zz", "\\", ";", "=", "*", "*.", ",", ":",
        "::",
        ".", "-", "_", " ", "\n", "\t", "\0", "0", "255", "256", "99999", "999999999999999999999", "h", "ms", "Z",
        "+01:00",
        "a.test", "team-a", "mesh ", "gateway ", "\u{130}", "\u{a0}", "é", "\u{301}", "(", ")", "[", "\\Q", "\\E",
    ])

    private func findings(_ seeds: [String], _ entry: ([UInt8]) -> [String]) -> [String] {
        Self.driver.findings(seeds.map { Array($0.utf8) }, cutsShort: true, entry)
    }

    @Test func valuesStayWhatTheyAre() {
        #expect(
            findings(
                [
                    "10.0.0.0/8", "fd00::1", "::ffff:10.0.0.0/104", "1h30m5s10ms", "2026-11-30T22:00:00.123+01:00",
                    "shop/cart", "db.example.com.", "aGVsbG8=", "v1.6.1", "kubernetes.io/h2c", "/a/[0-9]+(/.*)?|/b",
                ], SyntaxFuzz.values) == [])
    }

    @Test func noMistakeInAHostnamesListOpensOne() {
        #expect(
            findings(
                ["a.test=team-a; *.a.test=team-b,team-a", "*=team-a;b.a.test=*", "c.test=team-a\nc.test=team-b"],
                SyntaxFuzz.hostnames) == [])
    }

    @Test func noMistakeInAPathSettingLeavesItOut() {
        #expect(findings(["keep", "strip", "refuse", "decode", "Refuse ", ""], SyntaxFuzz.pathSettings) == [])
    }

    @Test func aNormalPathIsNormal() {
        #expect(
            findings(
                ["/a/b/../c", "/a%2fb/%2e%2e;x/c", "/a;v=1/b%3Bc", "*", "/%41%5C..//x", "/a/.../..b/b..", "/%ff/é"],
                SyntaxFuzz.path) == [])
    }

    @Test func whatOtherProxiesHaveAppliedIsReadToItsEnd() {
        #expect(
            findings(
                ["mesh shop/cart:80 shop/a,shop/b", "mesh shop/cart:80 -", "mesh -", "gateway shop/edge shop/a"],
                SyntaxFuzz.routed) == [])
    }
}
