internal import GatewayAPI

extension RouteTable {
    package var ruleCount: Int32 { Int32(rules.count) }

    package func rule(_ index: Int32) -> CompiledRule { rules[index] }

    /// The same in place, for a request that reads a few fields; valid while the table lives.
    package func rulePointer(_ index: Int32) -> UnsafePointer<CompiledRule> { rules.pointer(index) }

    /// Draws a share by weight, invalid ones included (their part is not given to the others). `random` is uniform over
    /// all 64 bits. -1 when the rule has no share or all weights are zero: answer 500.
    package func pickBackend(_ rule: Int32, random: UInt64) -> Int32 {
        let rule = rules.pointer(rule)
        guard rule.pointee.totalWeight > 0 else { return -1 }
        if rule.pointee.shareCount == 1 { return 0 }
        let drawn = rule.pointee.totalWeight.multipliedFullWidth(by: random).high
        let shares = shares.slice(rule.pointee.shareStart, rule.pointee.shareCount)
        for index in shares.indices where drawn < shares[index].weightEnd { return Int32(index) }
        return -1
    }

    /// Share `index` (0 ..< `shareCount`) of a rule.
    package func share(_ rule: Int32, _ index: Int32) -> Share { sharePointer(rule, index).pointee }

    /// The same in place; valid while the table lives.
    package func sharePointer(_ rule: Int32, _ index: Int32) -> UnsafePointer<Share> {
        let rule = rules.pointer(rule)
        precondition(index >= 0 && index < rule.pointee.shareCount, "a share that is not this rule's")
        return shares.pointer(rule.pointee.shareStart + index)
    }

    /// For logs, `explain` and error records: `namespace/root > namespace/owner rule 2 (name)`, and why it fails if it
    /// does. Allocates.
    package func describe(_ rule: Int32) -> String {
        guard rules.contains(rule) else { return "no rule" }
        let planned = plannedRules[Int(rules[rule].planned)]
        if case .closed(let reason) = planned.action { return "closed: \(reason)" }
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
