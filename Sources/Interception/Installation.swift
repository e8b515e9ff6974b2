/// Bringing one family's rules into place.
struct Installation {
    let family: AddressFamily
    let options: RedirectOptions
    let environment: IptablesEnvironment

    /// Applies the rules to the first preferred back end that takes them, and clears the others of ours.
    ///
    /// - Returns: What was done, for the operator.
    func run(_ states: [BackendState]) throws(InterceptError) -> String {
        let wanted = RuleTemplate.rules(family, options)
        if Verifier.differences(states, wanted: wanted).isEmpty,
            let holder = states.first(where: { $0.table.holdsWeir })
        {
            return "already in place (\(holder.backend.name)), nothing changed"
        }
        let backend = try apply(states)
        // Only now: while both hold rules, whichever the kernel asks first redirects to the same doors.
        var cleared: [String] = []
        for state in states where state.backend != backend {
            if try Removal.run(state, environment) { cleared.append(state.backend.name) }
        }
        try confirm(wanted)
        let note = cleared.isEmpty ? "" : ", leftovers removed (\(cleared.joined(separator: ", ")))"
        return "rules installed (\(backend.name))\(note)"
    }

    private func apply(_ states: [BackendState]) throws(InterceptError) -> Backend {
        let text = RuleTemplate.text(family, options)
        var reasons = states.compactMap(\.failure)
        for state in BackendState.preferred(states) {
            let transaction = RuleTransaction.install(text, over: state.table)
            guard let reason = try environment.apply(transaction, to: state.backend) else { return state.backend }
            reasons.append(reason)
        }
        let consequence =
            family == .ipv4
            ? "Nothing was changed."
            : "IPv4 is redirected, IPv6 is not and would bypass the proxy."
        throw .rejected(family: family, reasons: reasons, consequence: consequence)
    }

    /// Reads back, because a program that exits with 0 is not yet a rule in the kernel.
    private func confirm(_ wanted: NATTable) throws(InterceptError) {
        let differences = Verifier.differences(environment.states(family), wanted: wanted)
        guard differences.isEmpty else { throw .notInPlace(family: family, differences: differences) }
    }
}

/// Taking one back end's rules away.
enum Removal {
    /// - Returns: Whether there was anything of ours. A back end that cannot be read holds nothing we could have put
    ///   there.
    static func run(_ state: BackendState, _ environment: IptablesEnvironment) throws(InterceptError) -> Bool {
        guard let transaction = RuleTransaction.remove(from: state.table) else { return false }
        if let reason = try environment.apply(transaction, to: state.backend) {
            throw .rejected(
                family: state.backend.family, reasons: [reason],
                consequence: "The rules are still in place and redirect to a proxy.")
        }
        return true
    }
}
