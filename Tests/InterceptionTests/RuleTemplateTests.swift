import Foundation
import Testing

@testable import Interception

@Suite("Rule files")
struct RuleTemplateTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test(
        "The binary carries the very text of iptables/; run iptables/embed.sh when this fails",
        arguments: [
            ("redirect-ipv4.rules", RuleTemplate.ipv4Text), ("redirect-ipv6.rules", RuleTemplate.ipv6Text),
        ])
    func embeddedTextIsTheFile(file: String, embedded: String) throws {
        let text = try String(contentsOf: Self.root.appending(path: "iptables/\(file)"), encoding: .utf8)
        #expect(text == embedded)
    }

    @Test("Default rules, in this order")
    func defaultRules() throws {
        #expect(
            try Self.rules(.ipv4) == [
                "PREROUTING -p tcp -j WEIR_INBOUND",
                "OUTPUT -p tcp -j WEIR_OUTBOUND",
                "WEIR_INBOUND -d 127.0.0.1/32 -p tcp -m tcp --dport 15001 -j REDIRECT --to-ports 15006",
                "WEIR_INBOUND -p tcp -m multiport --dports 15020 -j RETURN",
                "WEIR_INBOUND -p tcp -j REDIRECT --to-ports 15006",
                "WEIR_OUTBOUND -d 127.0.0.1/32 -p tcp -m tcp --dport 15006 -j REDIRECT --to-ports 15001",
                "WEIR_OUTBOUND -d 127.0.0.1/32 -p tcp -m tcp --dport 15001 -j WEIR_INBOUND",
                "WEIR_OUTBOUND -m owner --uid-owner 1337 -j RETURN",
                "WEIR_OUTBOUND -m owner --gid-owner 1337 -j RETURN",
                "WEIR_OUTBOUND -o lo -j RETURN",
                "WEIR_OUTBOUND -d 127.0.0.0/8 -j RETURN",
                "WEIR_OUTBOUND -p tcp -j REDIRECT --to-ports 15001",
            ])
    }

    @Test("The check's rules come first, in every chain and family")
    func checkRules() throws {
        let options = try RedirectOptions(inboundPort: 7001, outboundPort: 7002, excludeInboundPorts: "7000-7010")
        for (family, loopback) in [(AddressFamily.ipv4, "127.0.0.1/32"), (.ipv6, "::1/128")] {
            let rules = RuleTemplate.rules(family, options)
            #expect(
                rules.specifications(of: "WEIR_INBOUND").first
                    == "-d \(loopback) -p tcp -m tcp --dport 7002 -j REDIRECT --to-ports 7001")
            #expect(
                rules.specifications(of: "WEIR_OUTBOUND").prefix(2) == [
                    "-d \(loopback) -p tcp -m tcp --dport 7001 -j REDIRECT --to-ports 7002",
                    "-d \(loopback) -p tcp -m tcp --dport 7002 -j WEIR_INBOUND",
                ])
        }
    }

    @Test("Exclusions come before the redirects and CIDRs go to their family")
    func exclusions() throws {
        let options = try RedirectOptions(
            proxyUID: 2000, inboundPort: 7001, outboundPort: 7002, excludeInboundPorts: "22,8000-8010",
            excludeOutboundPorts: "5432", excludeOutboundCIDRs: "fd00::5/8, 10.1.2.3/8,192.0.2.1")
        #expect(
            try Self.rules(.ipv4, options).filter { !$0.contains("127.0.0.1") }.suffix(9)
                == [
                    "WEIR_INBOUND -p tcp -m multiport --dports 22,8000:8010,15020 -j RETURN",
                    "WEIR_INBOUND -p tcp -j REDIRECT --to-ports 7001",
                    "WEIR_OUTBOUND -m owner --uid-owner 2000 -j RETURN",
                    "WEIR_OUTBOUND -m owner --gid-owner 2000 -j RETURN",
                    "WEIR_OUTBOUND -o lo -j RETURN",
                    "WEIR_OUTBOUND -d 127.0.0.0/8 -j RETURN",
                    "WEIR_OUTBOUND -p tcp -m multiport --dports 5432 -j RETURN",
                    "WEIR_OUTBOUND -d 10.0.0.0/8 -j RETURN",
                    "WEIR_OUTBOUND -d 192.0.2.1/32 -j RETURN",
                    "WEIR_OUTBOUND -p tcp -j REDIRECT --to-ports 7002",
                ].suffix(9))
        let ipv6 = try Self.rules(.ipv6, options)
        #expect(ipv6.contains("WEIR_OUTBOUND -d fd00::/8 -j RETURN"))
        #expect(ipv6.contains("WEIR_OUTBOUND -d ::1/128 -j RETURN"))
        #expect(!ipv6.contains { $0.contains("10.0.0.0") })
    }

    @Test("No name in braces is left in a rule")
    func nothingIsLeftUnfilled() throws {
        for family in AddressFamily.allCases { #expect(try !Self.rules(family).contains { $0.contains("{") }) }
    }

    static func rules(_ family: AddressFamily, _ options: RedirectOptions? = nil) throws -> [String] {
        RuleTemplate.rules(family, try options ?? RedirectOptions()).rules.map { "\($0.chain) \($0.specification)" }
    }
}
