/// The nat table of one family, as chains with their rules in order.
///
/// Read from the text of iptables-save, or from a filled-in rule file: both have the same format.
package struct NATTable: Equatable, Sendable {
    /// Every chain of ours starts with this, and every chain that starts with this is ours.
    package static let chainPrefix = "WEIR_"

    /// A rule as printed, without the leading `-A CHAIN `.
    package struct Rule: Hashable, Sendable {
        package let chain: String
        package let specification: String
    }

    package private(set) var chains: [String] = []
    package private(set) var rules: [Rule] = []

    package init() {}

    /// Reads the nat section of a saved table; other tables, comments and counters are skipped.
    package init(parsing text: String) {
        var inNAT = false
        for line in text.textLines {
            if line.hasPrefix("*") {
                inNAT = line == "*nat"
            } else if inNAT, line.hasPrefix(":") {
                chains.append(String(line.dropFirst().prefix { $0 != " " }))
            } else if inNAT, line.hasPrefix("-A ") {
                let parts = line.dropFirst(3).split(separator: " ", maxSplits: 1)
                if parts.count == 2 {
                    rules.append(Rule(chain: String(parts[0]), specification: String(parts[1]).trimmingBlanks()))
                }
            }
        }
    }

    /// Our chains with their rules, and the rules elsewhere that jump to our chains.
    package var weirPart: NATTable {
        var part = NATTable()
        part.chains = chains.filter(NATTable.isOurs)
        part.rules = rules.filter { NATTable.isOurs($0.chain) || $0.jumpsToOurs }
        return part
    }

    /// Whether there is anything of ours.
    package var holdsWeir: Bool { !weirPart.chains.isEmpty || !weirPart.rules.isEmpty }

    /// Whether anybody has put something here.
    package var isInUse: Bool { !rules.isEmpty }

    /// Rules of one chain, in order.
    package func specifications(of chain: String) -> [String] {
        rules.filter { $0.chain == chain }.map(\.specification)
    }

    /// Rules in chains that are not ours, jumping to ours.
    package var jumps: [Rule] { rules.filter { !NATTable.isOurs($0.chain) && $0.jumpsToOurs } }

    static func isOurs(_ chain: String) -> Bool { chain.hasPrefix(chainPrefix) }
}

extension NATTable.Rule {
    /// Whether the target (`-j` or `-g`) is a chain of ours. Quoted comments are one word, so they cannot look like
    /// one.
    fileprivate var jumpsToOurs: Bool {
        let words = RuleWords.split(specification)
        return zip(words, words.dropFirst()).contains { flag, target in
            (flag == "-j" || flag == "-g") && NATTable.isOurs(target)
        }
    }
}

/// A rule's words as iptables-restore reads them: blanks separate, double quotes group, a backslash escapes.
enum RuleWords {
    static func split(_ specification: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var started = false
        var quoted = false
        var escaped = false
        for byte in specification.utf8 {
            if escaped {
                word.append(byte)
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
                started = true
            } else if byte == UInt8(ascii: "\"") {
                quoted.toggle()
                started = true
            } else if byte == UInt8(ascii: " "), !quoted {
                if started { words.append(String(decoding: word, as: UTF8.self)) }
                word = []
                started = false
            } else {
                word.append(byte)
                started = true
            }
        }
        if started { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
