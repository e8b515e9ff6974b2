internal import GatewayAPI

extension RouteTable {
    package var ruleCount: Int32 { Int32(rules.count) }

    package func rule(_ index: Int32) -> CompiledRule { rules[index] }

    /// Draws a share by weight, invalid ones included (their part is not given to the others). `random` is uniform over all
    /// 64 bits. -1 when the rule has no share or all weights are zero: answer 500.
    package func pickBackend(_ rule: Int32, random: UInt64) -> Int32 {
        let rule = rules[rule]
        guard rule.totalWeight > 0 else { return -1 }
        let drawn = rule.totalWeight.multipliedFullWidth(by: random).high
        for (index, share) in shares.slice(rule.shareStart, rule.shareCount).enumerated() where drawn < share.weightEnd
        {
            return Int32(index)
        }
        return -1
    }

    /// Share `index` (0 ..< `shareCount`) of a rule.
    package func share(_ rule: Int32, _ index: Int32) -> Share {
        let rule = rules[rule]
        precondition(index >= 0 && index < rule.shareCount, "a share that is not this rule's")
        return shares[rule.shareStart + index]
    }

    /// For logs, `explain` and error records: `namespace/root > namespace/owner rule 2 (name)`, and why it fails if it does.
    /// Allocates.
    package func describe(_ rule: Int32) -> String {
        guard rules.contains(rule) else { return "no rule" }
        let planned = plannedRules[Int(rules[rule].planned)]
        var text = planned.origin.chain.map(\.description).joined(separator: " > ")
        text += " rule \(planned.origin.ruleIndex)"
        if let name = planned.origin.ruleName { text += " (\(name))" }
        if case .fail(let reason) = planned.action { text += ": \(reason)" }
        return text
    }

    /// Why a share answers 500; nil when it does not. Allocates.
    package func describeInvalid(_ rule: Int32, share: Int32) -> String? {
        guard rules.contains(rule), case .forward(let backends) = plannedRules[Int(rules[rule].planned)].action,
            share >= 0, Int(share) < backends.count, case .invalid(let reason) = backends[Int(share)].target
        else { return nil }
        return reason
    }

    /// The plan's rule behind a compiled one, for `explain`.
    package func plannedRule(_ rule: Int32) -> PlannedRule? {
        rules.contains(rule) ? plannedRules[Int(rules[rule].planned)] : nil
    }
}
