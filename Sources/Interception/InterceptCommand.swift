/// `weir intercept`: each function does one subcommand and returns text for the operator.
///
/// All of them act on the calling thread's network namespace and reduce that thread to NET_ADMIN and NET_RAW.
package enum InterceptCommand {
    /// Outcome of `verify`.
    package struct Verification: Equatable, Sendable {
        package let isInPlace: Bool
        package let text: String
    }

    /// Brings the rules of each family to what the options say; changes nothing where they are in place.
    ///
    /// - Throws: `InterceptError`; when nothing could be changed at all it says so.
    package static func install(
        _ options: RedirectOptions, environment: IptablesEnvironment = IptablesEnvironment()
    ) throws(InterceptError) -> String {
        try Privileges.requireNetAdmin()
        let families = families(options.ipv6)
        var states: [AddressFamily: [BackendState]] = [:]
        // All families are looked at before any is changed, so that the usual failure leaves nothing half done.
        for family in families { states[family] = try usableStates(family, environment) }
        var lines: [String] = []
        for family in families {
            let installation = Installation(family: family, options: options, environment: environment)
            lines.append("\(family.rawValue): \(try installation.run(states[family] ?? []))")
        }
        if !families.contains(.ipv6) { lines.append(skippedIPv6(options.ipv6)) }
        return lines.joined(separator: "\n")
    }

    /// Takes every chain and jump of ours out of every back end; nothing to remove is success.
    package static func remove(
        ipv6: RedirectOptions.IPv6Mode = .auto, environment: IptablesEnvironment = IptablesEnvironment()
    ) throws(InterceptError) -> String {
        try Privileges.requireNetAdmin()
        var lines: [String] = []
        for family in AddressFamily.allCases where family == .ipv4 || ipv6 != .off {
            var removed: [String] = []
            for state in environment.states(family) {
                if try Removal.run(state, environment) { removed.append(state.backend.name) }
            }
            let text = removed.isEmpty ? "no rules of Weir" : "rules removed (\(removed.joined(separator: ", ")))"
            lines.append("\(family.rawValue): \(text)")
        }
        return lines.joined(separator: "\n")
    }

    /// The live rules of both families and every back end.
    package static func show(environment: IptablesEnvironment = IptablesEnvironment()) throws(InterceptError) -> String
    {
        try Privileges.requireNetAdmin()
        return AddressFamily.allCases.map { RuleListing.text($0, environment.states($0)) }.joined(separator: "\n")
    }

    /// Compares the live rules with what the options say.
    package static func verify(
        _ options: RedirectOptions, environment: IptablesEnvironment = IptablesEnvironment()
    ) throws(InterceptError) -> Verification {
        try Privileges.requireNetAdmin()
        var lines: [String] = []
        var isInPlace = true
        let families = families(options.ipv6)
        for family in families {
            let states = try usableStates(family, environment)
            let differences = Verifier.differences(states, wanted: RuleTemplate.rules(family, options))
            if !differences.isEmpty { isInPlace = false }
            let holder = states.first { $0.table.holdsWeir }?.backend.name ?? ""
            lines.append("\(family.rawValue): \(differences.isEmpty ? "in place (\(holder))" : "not in place")")
            lines += differences.map { "  \($0)" }
        }
        if !families.contains(.ipv6) { lines.append(skippedIPv6(options.ipv6)) }
        return Verification(isInPlace: isInPlace, text: lines.joined(separator: "\n"))
    }

    private static func families(_ mode: RedirectOptions.IPv6Mode) -> [AddressFamily] {
        let ipv6 = mode == .on || (mode == .auto && KernelTables.hasIPv6())
        return ipv6 ? [.ipv4, .ipv6] : [.ipv4]
    }

    private static func skippedIPv6(_ mode: RedirectOptions.IPv6Mode) -> String {
        mode == .off ? "IPv6: left alone (--ipv6 off)" : "IPv6: this namespace has none"
    }

    private static func usableStates(
        _ family: AddressFamily, _ environment: IptablesEnvironment
    ) throws(InterceptError) -> [BackendState] {
        let states = environment.states(family)
        guard states.contains(where: \.isUsable) else {
            let programs = family == .ipv4 ? "iptables" : "ip6tables"
            let reasons = states.compactMap(\.failure)
            throw .noUsableBackend(
                family: family, reasons: reasons.isEmpty ? ["\(programs) is not installed"] : reasons)
        }
        return states
    }
}
