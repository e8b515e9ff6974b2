internal import GatewayAPI

/// TLS to backends is not served. What is to be called over TLS is not called in plaintext.
extension PlanBuilder {
    /// Why a backend must not be called; nil if nothing asks for TLS.
    func tlsDemand(on backend: BackendKey) -> String? {
        guard !tlsDemands.isEmpty else { return nil }
        let policy: ObjectKey?
        let target: String
        switch backend {
        case .service(let key, let port):
            policy = resources.services[key].flatMap { tlsDemands.policy(for: port, of: $0) }
            target = "port \(port) of Service \(key)"
        case .backend(let key):
            policy = tlsDemands.policy(forBackend: key)
            target = "Backend \(key)"
        }
        return policy.map { "BackendTLSPolicy \($0) asks for TLS to \(target), which is not served" }
    }

    /// What a pod's own calls meet: whatever is to be called over TLS is refused.
    func refusingPlaintext(_ matches: [PlannedMatch]) -> [PlannedMatch] {
        guard !tlsDemands.isEmpty else { return matches }
        var replacements: [Int: Int] = [:]
        return refusing(matches, &replacements) { tlsDemand(on: $0) }
    }

    /// What requests to a pod meet: its own application is called as ever, others only where nothing asks for TLS.
    func refusingPlaintext(_ members: [PlannedInboundMember]) -> [PlannedInboundMember] {
        guard !tlsDemands.isEmpty else { return members }
        let own = Set(members.map { plan.backends[$0.backend] })
        var replacements: [Int: Int] = [:]
        return members.map { member in
            var member = member
            member.matches = refusing(member.matches, &replacements) { own.contains($0) ? nil : tlsDemand(on: $0) }
            return member
        }
    }

    /// The matches of a Gateway that has to show a certificate to its backends.
    func refusingBackends(_ matches: [PlannedMatch]) -> [PlannedMatch] {
        var replacements: [Int: Int] = [:]
        return refusing(matches, &replacements) { _ in Self.clientCertificateUnserved }
    }

    /// The matches, with rules in which the shares of refused backends answer 500.
    /// - Parameter replacements: such rules by those that they stand for.
    private func refusing(
        _ matches: [PlannedMatch], _ replacements: inout [Int: Int], _ reason: (BackendKey) -> String?
    ) -> [PlannedMatch] {
        matches.map { match in
            var match = match
            if let known = replacements[match.rule] {
                match.rule = known
                return match
            }
            let original = match.rule
            if let replacement = refusing(plan.rules[original], reason) {
                match.rule = plan.rules.count
                plan.rules.append(replacement)
            }
            replacements[original] = match.rule
            return match
        }
    }

    /// Nil if it forwards to nothing that is refused.
    private func refusing(_ rule: PlannedRule, _ reason: (BackendKey) -> String?) -> PlannedRule? {
        guard case .forward(var shares) = rule.action else { return nil }
        var isChanged = false
        for position in shares.indices {
            guard case .backend(let backend) = shares[position].target, let refusal = reason(plan.backends[backend])
            else { continue }
            shares[position].target = .invalid(reason: refusal)
            isChanged = true
        }
        guard isChanged else { return nil }
        var copy = rule
        copy.action = .forward(shares)
        return copy
    }

    /// That a Gateway asks for a certificate to be shown to its backends, and what follows.
    static let clientCertificateUnserved =
        "showing a certificate to backends is not served; requests to the Gateway's backends answer 500"

    func reportClientCertificate(of gateway: Gateway) {
        report(
            Problem(
                severity: .error, id: .unservedField, object: "Gateway \(gateway.metadata.key)",
                field: "spec.tls.backend", message: Self.clientCertificateUnserved))
    }
}
