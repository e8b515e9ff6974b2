/// The rule files of `iptables/`, filled in.
///
/// The files are the only place where the redirection is defined; this type knows no rule, only names in braces.
package enum RuleTemplate {
    /// The whole text for `iptables-restore --noflush`, comments included.
    package static func text(_ family: AddressFamily, _ options: RedirectOptions) -> String {
        let single: [(name: String, value: String)] = [
            ("{proxy-uid}", "\(options.proxyUID)"),
            ("{proxy-gid}", "\(options.proxyGID)"),
            ("{inbound-port}", "\(options.inboundPort)"),
            ("{outbound-port}", "\(options.outboundPort)"),
        ]
        let lists: [(name: String, values: [String])] = [
            ("{exclude-inbound-ports}", options.excludedInboundPorts.multiportArguments),
            ("{exclude-outbound-ports}", options.excludedOutboundPorts.multiportArguments),
            (
                "{exclude-outbound-cidrs}",
                options.excludedOutboundNetworks.filter { $0.family == family }.map(\.text)
            ),
        ]
        let template = family == .ipv4 ? ipv4Text : ipv6Text
        let lines = template.textLines.flatMap { line -> [String] in
            // Comments speak about the names; only rules are filled in.
            guard !line.hasPrefix("#") else { return [line] }
            let filled = single.reduce(line) { $0.replacing($1.name, with: $1.value) }
            guard let list = lists.first(where: { filled.contains($0.name) }) else { return [filled] }
            return list.values.map { filled.replacing(list.name, with: $0) }
        }
        return lines.joined(separator: "\n")
    }

    /// The same as rules, to compare with what is live.
    package static func rules(_ family: AddressFamily, _ options: RedirectOptions) -> NATTable {
        NATTable(parsing: text(family, options)).weirPart
    }
}
