/// The text of `weir intercept show`.
enum RuleListing {
    static func text(_ family: AddressFamily, _ states: [BackendState]) -> String {
        if states.isEmpty { return "\(family.rawValue): no iptables installed" }
        return states.map { state in
            let title = "\(family.rawValue), \(state.backend.name):"
            if let failure = state.failure { return "\(title) cannot be read: \(failure)" }
            let ours = state.table.weirPart
            guard ours.holdsWeir else { return "\(title) no rules of Weir" }
            return ([title] + chains(ours)).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// Hooks first, as packets meet them; each chain with its rules numbered in the order they are tried.
    private static func chains(_ table: NATTable) -> [String] {
        var names: [String] = []
        for name in table.jumps.map(\.chain) + table.chains where !names.contains(name) { names.append(name) }
        return names.flatMap { name in
            let rules = table.specifications(of: name).enumerated().map { "    \($0.offset + 1)  \($0.element)" }
            return ["  \(name)"] + (rules.isEmpty ? ["    (empty)"] : rules)
        }
    }
}
