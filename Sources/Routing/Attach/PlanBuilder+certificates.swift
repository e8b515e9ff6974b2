internal import GatewayAPI

/// What the certificateRefs of one HTTPS listener lead to.
struct CertificateFindings {
    struct Defect {
        enum Reason: String {
            case invalidCertificateRef = "InvalidCertificateRef"
            case refNotPermitted = "RefNotPermitted"
        }

        var reason: Reason
        /// Position in `certificateRefs`.
        var reference: Int
        var message: String
        /// As a problem's.
        var dependsOn: ResourceKinds
    }

    /// In the order of the references.
    var usable: [PlannedCertificate] = []
    var defects: [Defect] = []
    /// DNS names of the usable certificates, lower-cased.
    var names: [String] = []
}

extension PlanBuilder {
    /// Resolves every reference on its own: a bad one leaves the good ones in use.
    func certificates(of listener: Listener, at position: Int, _ gateway: Gateway) -> CertificateFindings {
        var findings = CertificateFindings()
        for (index, reference) in (listener.tls?.certificateRefs ?? []).enumerated() {
            switch resolve(reference, of: gateway) {
            case .success(let secret):
                let certificate = PlannedCertificate(
                    secret: secret.metadata.key, chain: secret.certificateChain, key: secret.privateKey)
                if !findings.usable.contains(certificate) { findings.usable.append(certificate) }
                findings.names += secret.dnsNames.map { $0.lowercased() }
            case .failure(let fault):
                findings.defects.append(
                    CertificateFindings.Defect(
                        reason: fault.reason, reference: index, message: fault.message, dependsOn: fault.dependsOn))
                // A reference that the decoder refused has been reported, with its line.
                if reference.defect != nil { continue }
                report(
                    Problem(
                        severity: .error, object: "Gateway \(gateway.metadata.key)",
                        field: "spec.listeners[\(position)].tls.certificateRefs[\(index)]", value: reference.name,
                        message: "\(fault.reason.rawValue): \(fault.message); this certificate is not used",
                        dependsOn: fault.dependsOn))
            }
        }
        return findings
    }

    private struct Fault: Error {
        var reason: CertificateFindings.Defect.Reason
        var message: String
        var dependsOn: ResourceKinds
    }

    /// In the standard's order: kind, permission (also where the target is missing), existence, content.
    private func resolve(_ reference: CertificateReference, of gateway: Gateway) -> Result<Secret, Fault> {
        func refuse(_ message: String, dependsOn: ResourceKinds = []) -> Result<Secret, Fault> {
            .failure(Fault(reason: .invalidCertificateRef, message: message, dependsOn: dependsOn))
        }
        if let defect = reference.defect { return refuse(defect) }
        guard reference.group.isEmpty, reference.kind == "Secret" else {
            let written = reference.group.isEmpty ? reference.kind : "\(reference.group)/\(reference.kind)"
            return refuse("kind \(written) holds no certificate; Secret does")
        }
        let own = gateway.metadata.key.namespace
        let target = ObjectKey(namespace: reference.namespace ?? own, name: reference.name)
        if target.namespace != own,
            !index.permits(fromKind: "Gateway", in: own, toGroup: "", kind: "Secret", target: target)
        {
            let message =
                "no ReferenceGrant in \(target.namespace) lets Gateways of \(own) refer to Secret \(target)"
            return .failure(Fault(reason: .refNotPermitted, message: message, dependsOn: .referenceGrant))
        }
        plan.wantedSecrets.insert(target)
        guard let secret = resources.secrets[target] else {
            return refuse("Secret \(target) does not exist", dependsOn: .secret)
        }
        if let defect = secret.defect { return refuse("Secret \(target) cannot be used: \(defect)") }
        return .success(secret)
    }
}
