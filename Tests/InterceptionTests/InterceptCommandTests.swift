import Testing

@testable import Interception

/// The four subcommands against live tables, in namespaces of the test's own. Needs root.
@Suite("Intercept subcommands in a network namespace", .serialized)
struct InterceptCommandTests {
    /// Both families' nat tables of one back end, as its own program prints them.
    static func saved(_ namespace: NetworkNamespace, _ kind: BackendKind) throws -> [String] {
        try ["iptables", "ip6tables"].flatMap { base in
            try namespace.run("\(base)-\(kind.rawValue)-save", "-t", "nat").split(separator: "\n").map { String($0) }
                .filter { !$0.hasPrefix("#") }
        }
    }

    @Test(
        "Install twice changes nothing; a deleted rule is found, reported and repaired; remove leaves nothing",
        arguments: BackendKind.allCases)
    func lifecycle(kind: BackendKind) throws {
        let pod = try NetworkNamespace("pod")
        let folder = try ProgramFolder(kind)
        defer { folder.remove() }
        let programs = folder.environment
        let options = try RedirectOptions(
            excludeInboundPorts: (1...20).map { "\($0)" }.joined(separator: ",") + ",30,40,50-60",
            excludeOutboundPorts: (1...40).map { "\($0 * 3)" }.joined(separator: ","),
            excludeOutboundCIDRs: "10.1.2.3/8,192.0.2.1,fd00::/8,2001:db8::1")
        let absent = try pod.perform { try InterceptCommand.verify(options, environment: programs) }
        #expect(!absent.isInPlace && absent.text.contains("absent"))

        _ = try pod.perform { try InterceptCommand.install(options, environment: programs) }
        let first = try Self.saved(pod, kind)
        let again = try pod.perform { try InterceptCommand.install(options, environment: programs) }
        #expect(again.contains("already in place") && !again.contains("installed"))
        #expect(try Self.saved(pod, kind).map(\.withoutCounters) == first.map(\.withoutCounters))
        #expect(try pod.perform { try InterceptCommand.verify(options, environment: programs) }.isInPlace)
        let listing = try pod.perform { try InterceptCommand.show(environment: programs) }
        #expect(listing.contains("IPv6, ip6tables-\(kind.rawValue):") && listing.contains("REDIRECT --to-ports 15006"))

        try pod.run("ip6tables-\(kind.rawValue)", "-t", "nat", "-D", "WEIR_OUTBOUND", "-o", "lo", "-j", "RETURN")
        let altered = try pod.perform { try InterceptCommand.verify(options, environment: programs) }
        #expect(!altered.isInPlace)
        #expect(altered.text.contains("missing rule: -A WEIR_OUTBOUND -o lo -j RETURN"))
        let repaired = try pod.perform { try InterceptCommand.install(options, environment: programs) }
        #expect(repaired.contains("IPv4: already in place") && repaired.contains("IPv6: rules installed"))
        #expect(try Self.saved(pod, kind).map(\.withoutCounters) == first.map(\.withoutCounters))

        for _ in 1...2 { _ = try pod.perform { try InterceptCommand.remove(environment: programs) } }
        #expect(try !Self.saved(pod, kind).contains { $0.contains("WEIR") })
    }

    @Test(
        "Leftovers with other options, doubled jumps and stale chains are reconciled; foreign rules stay",
        arguments: BackendKind.allCases)
    func leftovers(kind: BackendKind) throws {
        let pod = try NetworkNamespace("pod")
        let folder = try ProgramFolder(kind)
        defer { folder.remove() }
        let programs = folder.environment
        let iptables = "iptables-\(kind.rawValue)"
        try pod.run(iptables, "-t", "nat", "-N", "WEIR_OLD")
        try pod.run(iptables, "-t", "nat", "-A", "WEIR_OLD", "-p", "tcp", "-j", "REDIRECT", "--to-ports", "1")
        try pod.run(iptables, "-t", "nat", "-A", "OUTPUT", "-m", "comment", "--comment", "a \"b\" c", "-j", "WEIR_OLD")
        try pod.run(iptables, "-t", "nat", "-A", "OUTPUT", "-d", "192.0.2.7/32", "-j", "RETURN")
        let old = try RedirectOptions(inboundPort: 7001)
        _ = try pod.perform { try InterceptCommand.install(old, environment: programs) }
        try pod.run(iptables, "-t", "nat", "-A", "OUTPUT", "-p", "tcp", "-j", "WEIR_OUTBOUND")

        let options = try RedirectOptions()
        _ = try pod.perform { try InterceptCommand.install(options, environment: programs) }
        #expect(try pod.perform { try InterceptCommand.verify(options, environment: programs) }.isInPlace)
        let output = try Self.saved(pod, kind).filter { $0.hasPrefix("-A OUTPUT") }
        let jump = "-A OUTPUT -p tcp -j WEIR_OUTBOUND"
        // One jump in each family's table.
        #expect(output == ["-A OUTPUT -d 192.0.2.7/32 -j RETURN", jump, jump])
        _ = try pod.perform { try InterceptCommand.remove(environment: programs) }
        #expect(try Self.saved(pod, kind).filter { $0.hasPrefix("-A") } == ["-A OUTPUT -d 192.0.2.7/32 -j RETURN"])
    }

    @Test("Rules in the other back end are found by verify, taken over by install and taken away by remove")
    func otherBackend() throws {
        let pod = try NetworkNamespace("pod")
        let options = try RedirectOptions()
        let folders = (nft: try ProgramFolder(.nft), legacy: try ProgramFolder(.legacy))
        defer {
            folders.nft.remove()
            folders.legacy.remove()
        }
        let (nft, legacy) = (folders.nft.environment, folders.legacy.environment)
        _ = try pod.perform { try InterceptCommand.install(options, environment: legacy) }
        // What is in place stays where it is.
        let kept = try pod.perform { try InterceptCommand.install(options) }
        #expect(kept.contains("already in place (iptables-legacy)"))

        _ = try pod.perform { try InterceptCommand.install(options, environment: nft) }
        let both = try pod.perform { try InterceptCommand.verify(options) }
        #expect(!both.isInPlace && both.text.contains("iptables-legacy: also holds rules of Weir"))
        let cleared = try pod.perform { try InterceptCommand.install(options) }
        #expect(cleared.contains("leftovers removed (iptables-legacy)"))
        #expect(try !Self.saved(pod, .legacy).contains { $0.contains("WEIR") })

        _ = try pod.perform { try InterceptCommand.install(options, environment: legacy) }
        _ = try pod.perform { try InterceptCommand.remove() }
        for kind in BackendKind.allCases { #expect(try !Self.saved(pod, kind).contains { $0.contains("WEIR") }) }
    }

    @Test("IPv6 without a usable ip6tables is an error that changes nothing; --ipv6 off leaves IPv6 alone")
    func missingIPv6Programs() throws {
        let pod = try NetworkNamespace("pod")
        let folder = try ProgramFolder(["iptables-nft"])
        defer { folder.remove() }
        let programs = folder.environment
        for mode in [RedirectOptions.IPv6Mode.auto, .on] {
            let options = try RedirectOptions(ipv6: mode)
            #expect(throws: InterceptError.noUsableBackend(family: .ipv6, reasons: ["ip6tables is not installed"])) {
                try pod.perform { try InterceptCommand.install(options, environment: programs) }
            }
        }
        #expect(try !Self.saved(pod, .nft).contains { $0.contains("WEIR") })
        let off = try RedirectOptions(ipv6: .off)
        let report = try pod.perform { try InterceptCommand.install(off, environment: programs) }
        #expect(report.contains("IPv6: left alone"))
    }

    @Test("A namespace without IPv6 gets IPv4 rules only")
    func disabledIPv6() throws {
        let pod = try NetworkNamespace("pod")
        for name in ["all", "default"] { try pod.run("sysctl", "-qw", "net.ipv6.conf.\(name).disable_ipv6=1") }
        let options = try RedirectOptions()
        let report = try pod.perform { try InterceptCommand.install(options) }
        #expect(report.contains("IPv6: this namespace has none"))
        #expect(try pod.perform { try InterceptCommand.verify(options) }.isInPlace)
        #expect(try !pod.run("ip6tables-nft-save", "-t", "nat").contains("WEIR"))
    }

    @Test("Own addresses are those of the calling thread's namespace")
    func ownAddresses() throws {
        let pod = try NetworkNamespace("pod")
        try Tool.run("ip", "-n", pod.name, "addr", "add", "192.0.2.77/24", "dev", "lo")
        let addresses = try pod.perform { try OwnAddresses.list() }
        #expect(Set(addresses.map(\.text)) == ["127.0.0.1", "192.0.2.77", "::1"])
        #expect(addresses.first { $0.text == "192.0.2.77" }?.bytes == [192, 0, 2, 77])
        #expect(addresses.allSatisfy { $0.isLoopback && $0.interface == "lo" })
    }
}

extension String {
    /// A chain's line without its packet counters, which traffic changes.
    fileprivate var withoutCounters: String { hasPrefix(":") ? String(prefix { $0 != "[" }) : self }
}
