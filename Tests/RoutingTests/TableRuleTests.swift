import GatewayAPI
import Testing

@testable import Routing

@Suite("Rules, shares and header edits")
struct TableRuleTests {
    private func table(_ rule: PlannedRule) -> RouteTable {
        RouteTable(plan: TableFixture.plan([PlannedMatch(rule: 0, rank: TableFixture.rank())], rules: [rule]))
    }

    private func weighted(_ weights: [UInt32]) -> RouteTable {
        table(
            TableFixture.rule(
                "r", .forward(weights.map { PlannedBackend(target: .invalid(reason: "because"), weight: $0) })))
    }

    @Test("Shares are drawn by weight, invalid ones included, zero never")
    func weights() {
        let table = weighted([1, 0, 3])
        var drawn = [0, 0, 0]
        for step in 0..<400 { drawn[Int(table.pickBackend(0, random: UInt64(step) * (.max / 400)))] += 1 }
        #expect(drawn[1] == 0)
        #expect(abs(drawn[0] - 100) <= 1 && abs(drawn[2] - 300) <= 1)
        #expect(table.pickBackend(0, random: .max) == 2)
        #expect(table.pickBackend(0, random: 0) == 0)
        #expect(table.share(0, 0).kind == .invalid)
        #expect(table.describeInvalid(0, share: 0) == "because")
    }

    @Test("The log finds a rule's owner, place and name")
    func owner() {
        var rule = TableFixture.rule()
        rule.origin = RuleOrigin(
            chain: [TableFixture.key("root"), TableFixture.key("child")], ruleIndex: 7, ruleName: "pay")
        let table = table(rule)
        let compiled = table.rule(0)
        #expect(table.string(compiled.ownerKey) == TableFixture.key("child").description)
        #expect(compiled.ownerRule == 7 && table.string(compiled.ruleName) == "pay")
    }

    @Test("No share, or none with a weight, draws nothing")
    func nothingToDraw() {
        #expect(weighted([]).pickBackend(0, random: 1) == -1)
        #expect(weighted([0, 0]).pickBackend(0, random: 1) == -1)
    }

    @Test("Timeouts become nanoseconds; unset and zero are none; huge ones saturate")
    func timeouts() {
        var rule = TableFixture.rule()
        rule.timeouts = HTTPRouteTimeouts(request: 500, backendRequest: 0)
        #expect(table(rule).rule(0).requestTimeout == 500_000_000)
        #expect(table(rule).rule(0).backendTimeout == 0)
        rule.timeouts = HTTPRouteTimeouts(request: .max)
        #expect(table(rule).rule(0).requestTimeout == .max)
    }

    @Test("Descriptions name the chain, the rule and why it fails")
    func descriptions() {
        let chain = [TableFixture.key("root"), TableFixture.key("child")]
        let rule = PlannedRule(
            origin: RuleOrigin(chain: chain, ruleIndex: 2, ruleName: "pay"), action: .fail(reason: "no such backend"))
        let table = table(rule)
        #expect(table.describe(0) == "ns/root > ns/child rule 2 (pay): no such backend")
        #expect(table.string(table.rule(0).ownerKey) == "ns/child")
        #expect(text(table.routedRoutes(0)) == "ns/root,ns/child")
    }

    @Test("A later modifier's word covers every spelling of a field that an earlier one wrote")
    func spellings() {
        func field(_ name: String, _ value: String) -> HeaderModifier.Field { .init(name: name, value: value) }
        var rule = TableFixture.rule()
        rule.requestHeaders = [
            HeaderModifier(set: [field("x_tenant", "evil"), field("x.role", "root")], add: [field("X_Debug", "1")]),
            HeaderModifier(set: [field("x-tenant", "payments")], add: [field("X-Role", "2")], remove: ["x-debug"]),
        ]
        let table = table(rule)
        #expect(
            lines(table.requestEdits(0, share: -1)) == [
                "set x-tenant=payments", "set x.role=root", "add x.role=2", "remove x-debug=",
            ])
    }

    private func lines(_ edits: HeaderEdits) -> [String] {
        (0..<edits.count).map { "\(edits.kind($0)) \(text(edits.name($0)))=\(text(edits.value($0)))" }
    }

    @Test("Modifiers of parents, rule and share are merged in order of application")
    func edits() {
        func field(_ name: String, _ value: String) -> HeaderModifier.Field { .init(name: name, value: value) }
        var rule = TableFixture.rule()
        rule.requestHeaders = [
            HeaderModifier(set: [field("A", "1")], add: [field("B", "1")], remove: ["C"]),
            HeaderModifier(add: [field("a", "2"), field("C", "3")]),
        ]
        let own = HeaderModifier(set: [field("B", "9")], remove: ["D"])
        rule.action = .forward([PlannedBackend(target: .backend(0), weight: 1, requestHeaders: [own])])
        let table = table(rule)
        #expect(lines(table.requestEdits(0, share: -1)) == ["set A=1", "add A=2", "add B=1", "set C=3"])
        #expect(lines(table.requestEdits(0, share: 0)) == ["set A=1", "add A=2", "set B=9", "set C=3", "remove D="])
        #expect(table.responseEdits(0, share: 0).isEmpty)
        let rules = table.requestEdits(0, share: -1)
        for (name, drops) in [
            ("a", true), ("A", true), ("b", false), ("c", true), ("d", false), ("aa", false), ("", false),
        ] {
            #expect(name.withBytes { rules.drops($0) } == drops, "\(name)")
        }
        #expect("d".withBytes { table.requestEdits(0, share: 0).drops($0) })
    }

    @Test("A child's backendRef cannot undo what a parent sets, adds or removes, in requests and responses")
    func inheritedEdits() {
        func field(_ name: String, _ value: String) -> HeaderModifier.Field { .init(name: name, value: value) }
        let parent = HeaderModifier(set: [field("Tenant", "p")], add: [field("Via", "p")], remove: ["Debug"])
        let undoing = [
            HeaderModifier(set: [field("tenant", "c"), field("via", "c"), field("debug", "c")]),
            HeaderModifier(add: [field("tenant", "c"), field("debug", "c")], remove: ["via"]),
            HeaderModifier(remove: ["tenant", "via", "debug"]),
        ]
        for own in undoing {
            for (onRule, onShare) in [([own], []), ([], [own]), ([own], [own])] {
                var rule = TableFixture.rule()
                rule.requestHeaders = onRule
                rule.responseHeaders = onRule
                rule.inheritedHeaders = InheritedHeaders(request: [parent], response: [parent])
                rule.action = .forward([
                    PlannedBackend(
                        target: .backend(0), weight: 1, requestHeaders: onShare, responseHeaders: onShare)
                ])
                let table = table(rule)
                for edits in [table.requestEdits(0, share: 0), table.responseEdits(0, share: 0)] {
                    let lines = lines(edits).map { $0.lowercased() }
                    #expect(lines.filter { $0.contains("tenant=") } == ["set tenant=p"])
                    #expect(lines.filter { $0.contains("debug=") } == ["remove debug="])
                    #expect(lines.last { $0.contains("via=") }?.hasSuffix("via=p") == true)
                }
            }
        }
    }
}
