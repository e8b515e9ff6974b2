extension NATTable {
    /// What is not as `wanted`, one line each, in words for the operator; empty when all is in place.
    ///
    /// Order within a chain counts, because the first rule that matches decides. The order of chains does not.
    package func differences(from wanted: NATTable) -> [String] {
        let live = weirPart
        var lines: [String] = []
        for chain in wanted.chains where !live.chains.contains(chain) {
            lines.append("missing chain: \(chain)")
        }
        for chain in live.chains where !wanted.chains.contains(chain) {
            lines.append("unexpected chain: \(chain)")
        }
        for chain in NATTable.chainNames(wanted, live) {
            lines += NATTable.compare(
                chain: chain, wanted: wanted.specifications(of: chain), live: live.specifications(of: chain))
        }
        return lines
    }

    /// Every chain that has a rule in either, in order of first appearance.
    private static func chainNames(_ tables: NATTable...) -> [String] {
        var seen: Set<String> = []
        return tables.flatMap(\.rules).map(\.chain).filter { seen.insert($0).inserted }
    }

    private static func compare(chain: String, wanted: [String], live: [String]) -> [String] {
        let changes = live.difference(from: wanted)
        if changes.isEmpty { return [] }
        var lines = changes.removals.map { change -> String in
            guard case .remove(_, let rule, _) = change else { return "" }
            return "missing rule: -A \(chain) \(rule)"
        }
        lines += changes.insertions.map { change -> String in
            guard case .insert(let offset, let rule, _) = change else { return "" }
            return "unexpected rule: -A \(chain) \(rule) (position \(offset + 1))"
        }
        return lines
    }
}
