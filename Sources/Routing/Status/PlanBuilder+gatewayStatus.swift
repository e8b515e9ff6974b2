internal import GatewayAPI

/// A condition's status, reason and message, before it is put on an object.
struct Verdict {
    var status: Bool
    var reason: String
    var message: String

    init(_ status: Bool, _ reason: String, _ message: String = "") {
        self.status = status
        self.reason = reason
        self.message = message
    }

    func condition(_ type: String, of gateway: Gateway) -> Condition {
        Condition(
            type: type, status: status, reason: reason, message: message,
            observedGeneration: gateway.metadata.generation)
    }
}

extension PlanBuilder {
    /// Gateway and listener conditions.
    func gatewayStatus(of gateway: Gateway, _ states: [ListenerState]) -> GatewayStatus {
        let accepted = acceptance(of: gateway, states)
        let programmed = programming(of: gateway, isAccepted: accepted.status, states)
        let listeners = states.map { state in
            ListenerStatus(
                name: state.listener.name, supportedKinds: state.supportedKinds, attachedRoutes: state.attachedRoutes,
                conditions: conditions(of: state, gateway, isAccepted: accepted.status))
        }
        var verdicts = [
            accepted.condition("Accepted", of: gateway), programmed.condition("Programmed", of: gateway),
        ]
        // It is about the client certificate alone, so that most Gateways have none.
        if gateway.asksForBackendTLS {
            let verdict = Verdict(false, "InvalidClientCertificateRef", Self.clientCertificateUnserved)
            verdicts.append(verdict.condition("ResolvedRefs", of: gateway))
        }
        return GatewayStatus(
            conditions: verdicts, listeners: listeners,
            addresses: facts.gateways.map { $0[gateway.metadata.key]?.addresses ?? [] })
    }

    private func acceptance(of gateway: Gateway, _ states: [ListenerState]) -> Verdict {
        if let defect = parametersDefect(of: gateway) { return Verdict(false, "InvalidParameters", defect) }
        if let address = gateway.addresses.first(where: { $0.type != GatewayAddress.ipAddress }) {
            let message = "spec.addresses: type \(address.type) is not supported; \(GatewayAddress.ipAddress) is"
            reportRefused(message, "spec.addresses", of: gateway)
            return Verdict(false, "UnsupportedAddress", message)
        }
        let good = states.filter(\.isUsable).count
        let isAccepted = states.contains(where: \.isAccepted)
        if isAccepted, good == states.count { return Verdict(true, "Accepted") }
        return Verdict(
            isAccepted, "ListenersNotValid", "\(states.count - good) of \(states.count) listeners are not valid")
    }

    private func parametersDefect(of gateway: Gateway) -> String? {
        guard let reference = gateway.infrastructure?.parametersRef else { return nil }
        let defect =
            reference.defect(isNamespaced: false)
            ?? facts.gateways?[gateway.metadata.key]?.parametersDefect
        if let defect, reference.defect == nil {
            reportRefused(defect, "spec.infrastructure.parametersRef", of: gateway)
        }
        return defect
    }

    private func reportRefused(_ message: String, _ field: String, of gateway: Gateway) {
        report(
            Problem(
                severity: .error, id: .parameters, object: "Gateway \(gateway.metadata.key)", field: field,
                message: "\(message); the Gateway is not accepted"))
    }

    /// What the plan permits, and how far provisioning has come with it.
    private func programming(of gateway: Gateway, isAccepted: Bool, _ states: [ListenerState]) -> Verdict {
        guard isAccepted else { return Verdict(false, "Invalid", "the Gateway is not accepted") }
        guard states.contains(where: \.isUsable) else { return Verdict(false, "Invalid", "no listener is valid") }
        guard let provisioned = facts.gateways else { return Verdict(true, "Programmed") }
        let known = provisioned[gateway.metadata.key]
        switch known?.infrastructure ?? .pending(Self.infrastructureWait) {
        case .pending(let message): return Verdict(false, "Pending", message)
        case .failed(let message): return Verdict(false, "NoResources", message)
        case .ready: break
        }
        let addresses = known?.addresses ?? []
        if let missing = gateway.addresses.first(where: { !$0.value.isEmpty && !addresses.contains($0) }) {
            return Verdict(false, "AddressNotUsable", "address \(missing.value) could not be assigned")
        }
        guard !addresses.isEmpty else { return Verdict(false, "AddressNotAssigned", "no address is assigned yet") }
        return Verdict(true, "Programmed")
    }

    private static let infrastructureWait = "the Gateway's infrastructure is not there yet"

    private func conditions(of state: ListenerState, _ gateway: Gateway, isAccepted: Bool) -> [Condition] {
        var verdicts = [
            ("Accepted", Self.acceptance(of: state)), ("ResolvedRefs", Self.resolution(of: state)),
            ("Programmed", programming(of: state, gateway, isAccepted: isAccepted)),
            (
                "Conflicted",
                state.conflict.map { Verdict(true, $0.rawValue, $0.message) } ?? Verdict(false, "NoConflicts")
            ),
        ]
        // Of negative polarity: it is there only where it holds.
        if let overlap = state.overlap {
            verdicts.append(("OverlappingTLSConfig", Verdict(true, overlap.rawValue, overlap.message)))
        }
        return verdicts.map { $0.1.condition($0.0, of: gateway) }
    }

    private static func acceptance(of state: ListenerState) -> Verdict {
        if let conflict = state.conflict { return Verdict(false, conflict.rawValue, conflict.message) }
        if let refusal = state.refusal { return Verdict(false, refusal.reason, refusal.message) }
        return Verdict(true, "Accepted")
    }

    /// One condition for two sorts of references: certificates come first, for without them nothing is served.
    private static func resolution(of state: ListenerState) -> Verdict {
        let defects = state.certificates?.defects ?? []
        let first = defects.first { $0.reason == .refNotPermitted } ?? defects.first
        if let first {
            let lines = defects.map { "tls.certificateRefs[\($0.reference)]: \($0.message)" }
            return Verdict(false, first.reason.rawValue, quote(lines))
        }
        guard state.hasInvalidKinds else { return Verdict(true, "ResolvedRefs") }
        return Verdict(false, "InvalidRouteKinds", "allowedRoutes.kinds names kinds this listener cannot take")
    }

    private func programming(of state: ListenerState, _ gateway: Gateway, isAccepted: Bool) -> Verdict {
        guard state.isUsable else { return Verdict(false, "Invalid", doesNotServe(state)) }
        guard isAccepted else { return Verdict(false, "Invalid", "the Gateway is not accepted") }
        guard let provisioned = facts.gateways else { return Verdict(true, "Programmed") }
        switch provisioned[gateway.metadata.key]?.infrastructure ?? .pending(Self.infrastructureWait) {
        case .ready: return Verdict(true, "Programmed")
        case .pending(let message), .failed(let message): return Verdict(false, "Pending", message)
        }
    }
}
