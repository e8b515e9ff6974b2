/// Texts for one `iptables-restore --noflush` each: the whole change happens, or nothing does.
package enum RuleTransaction {
    /// Brings the live table to the filled-in rule file, whatever of ours is there.
    ///
    /// The file's own text is kept whole; only what clears leftovers is put in front of its first rule.
    package static func install(_ text: String, over live: NATTable) -> String {
        let wantedChains = NATTable(parsing: text).chains
        let ours = live.weirPart
        let stale = ours.chains.filter { !wantedChains.contains($0) }
        // All of ours are emptied before a stale one is deleted, so that none refers to it any more.
        let clearing = stale.map(declaration) + ours.jumps.map(deletion) + stale.map { "-X \($0)" }
        if clearing.isEmpty { return text }

        var lines = text.textLines
        let firstRule = lines.firstIndex { $0.hasPrefix("-A ") } ?? lines.endIndex
        lines.insert(contentsOf: clearing, at: firstRule)
        return lines.joined(separator: "\n")
    }

    /// Takes everything of ours out of the live table; nil when nothing is there.
    package static func remove(from live: NATTable) -> String? {
        let ours = live.weirPart
        guard ours.holdsWeir else { return nil }
        let lines =
            ["*nat"] + ours.chains.map(declaration) + ours.jumps.map(deletion) + ours.chains.map { "-X \($0)" }
            + ["COMMIT", ""]
        return lines.joined(separator: "\n")
    }

    /// Under --noflush a declared chain that exists is emptied.
    private static func declaration(_ chain: String) -> String { ":\(chain) - [0:0]" }

    private static func deletion(_ rule: NATTable.Rule) -> String { "-D \(rule.chain) \(rule.specification)" }
}
