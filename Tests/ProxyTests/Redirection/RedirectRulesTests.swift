import Interception
import Telemetry
import Testing

@testable import Proxy

@Suite struct RedirectRulesTests {
    private typealias Path = RedirectRules.Path
    private typealias Finding = RedirectRules.Finding

    private static let in4 = Path(family: .ipv4, isInbound: true)
    private static let out4 = Path(family: .ipv4, isInbound: false)
    private static let in6 = Path(family: .ipv6, isInbound: true)
    private static let out6 = Path(family: .ipv6, isInbound: false)

    /// Lets expectations call what changes the rules.
    private final class Judge {
        var rules: RedirectRules

        init(expected: ExpectedRules) { rules = RedirectRules(expected: expected) }

        var state: RedirectRules.State { rules.state }
        var lacking: [Path] { rules.lacking }
        var areInPlace: Bool? { rules.areInPlace }

        func judge(_ findings: [Path: Finding], redirected: UInt64) -> Bool {
            rules.judge(findings, redirected: redirected)
        }
    }

    private func all(_ ipv4: Finding, _ ipv6: Finding? = nil) -> [Path: Finding] {
        [Self.in4: ipv4, Self.out4: ipv4, Self.in6: ipv6 ?? ipv4, Self.out6: ipv6 ?? ipv4]
    }

    @Test func nothingIsKnownBeforeAnybodyHasAnswered() {
        let rules = Judge(expected: .all)
        #expect(rules.state == .unknown)
        let first = rules.judge(all(.unanswered), redirected: 0)
        #expect(!first)
        #expect(rules.state == .unknown && rules.areInPlace == nil)
    }

    @Test func aLookThatNobodyAnswersChangesNothing() {
        let rules = Judge(expected: .all)
        #expect(rules.judge(all(.redirected), redirected: 0))
        #expect(!rules.judge(all(.unanswered), redirected: 0))
        #expect(rules.state == .inPlace)
        #expect(!rules.judge([:], redirected: 0))
        #expect(rules.areInPlace == true)
    }

    @Test(arguments: [(ExpectedRules.none, RedirectRules.State.none), (.ipv4, .missing), (.all, .missing)])
    func rulesThatNobodyExpectsAreNotMissing(_ expected: ExpectedRules, _ state: RedirectRules.State) {
        let rules = Judge(expected: expected)
        #expect(rules.judge(all(.direct), redirected: 0))
        #expect(rules.state == state)
        #expect(!rules.judge(all(.direct), redirected: 0), "said once")
    }

    @Test func rulesThatWereThereAreMissingWhenTheyGo() {
        let rules = Judge(expected: .none)
        #expect(rules.judge(all(.redirected), redirected: 5))
        #expect(rules.judge(all(.direct), redirected: 9))
        #expect(rules.state == .missing, "connections of the time before are no evidence")
        #expect(rules.lacking.count == 4 && rules.areInPlace == false)
        #expect(
            !rules.judge(all(.direct), redirected: 12), "what comes in by the rest of the rules is no evidence either")
        #expect(rules.state == .missing)
        #expect(rules.judge(all(.redirected), redirected: 12))
        #expect(rules.state == .inPlace && rules.lacking.isEmpty)
    }

    @Test func redirectedConnectionsTellOfRulesThatCannotBeChecked() {
        let rules = Judge(expected: .all)
        #expect(rules.judge(all(.direct), redirected: 0))
        #expect(rules.state == .missing)
        #expect(rules.judge(all(.direct), redirected: 1))
        #expect(rules.state == .unknown && rules.lacking.isEmpty)
        #expect(!rules.judge(all(.direct), redirected: 1), "an idle pod's rules are still there")
    }

    @Test func rulesOfThisVersionInPartAreMissingWhateverIsRedirected() {
        let rules = Judge(expected: .none)
        _ = rules.judge(
            [Self.out4: .redirected, Self.in4: .direct, Self.out6: .direct, Self.in6: .direct], redirected: 100)
        #expect(rules.state == .missing)
        #expect(rules.lacking == [Self.in4], "of a family without rules nothing is known to be missing")
    }

    @Test func aFamilyCountsWhenItIsExpectedOrWasThere() {
        let rules = Judge(expected: .none)
        _ = rules.judge(all(.redirected, .direct), redirected: 0)
        #expect(rules.state == .inPlace, "--ipv6 off")
        _ = rules.judge(all(.redirected), redirected: 0)
        _ = rules.judge(all(.redirected, .direct), redirected: 0)
        #expect(rules.lacking.map(\.description) == ["IPv6 outbound", "IPv6 inbound"])
        _ = rules.judge(all(.redirected, .unanswered), redirected: 0)
        #expect(rules.state == .inPlace, "the pod has no IPv6 any more")

        let expecting = Judge(expected: .all)
        _ = expecting.judge(all(.redirected, .direct), redirected: 0)
        #expect(expecting.state == .missing)
    }

    @Test func aDoorIsKnownByItsWholeNameAlone() {
        #expect(DoorName.door(Array("weir inbound\n".utf8)) == .inbound)
        #expect(DoorName.door(Array("weir outbound\n".utf8)) == .outbound)
        for other in ["", "weir", "weir inbound", "weir inbound\n\n", "HTTP/1.1 200 OK\r\n"] {
            #expect(DoorName.door(Array(other.utf8)) == nil)
        }
    }
}
