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
        /// Only the Secret is wrong, not the reference to it: a gateway that had its certificate goes on serving with
        /// that.
        var leavesLastGood: Bool
    }

    /// In the order of the references.
    var usable: [PlannedCertificate] = []
    var defects: [Defect] = []
    /// DNS names of the usable certificates, lower-cased.
    var names: [String] = []
}

extension PlanBuilder {
    /// Resolves every reference on its own: a bad one leaves the good ones in use.
    /// - Parameter room: for those of the whole Gateway, the listeners in their order.
    func certificates(
        of listener: Listener, at position: Int, _ gateway: Gateway, _ room: inout CertificateRoom
    ) -> CertificateFindings {
        var findings = CertificateFindings()
        for (index, reference) in (listener.tls?.certificateRefs ?? []).enumerated() {
            var found = resolve(reference, of: gateway)
            if let reason = found.secret.flatMap({ room.take($0) }) {
                found = Resolution(fault: Fault(reason: .invalidCertificateRef, message: reason, dependsOn: []))
            }
            if let secret = found.secret {
                let certificate = PlannedCertificate(
                    secret: secret.metadata.key, chain: secret.certificateChain, key: secret.privateKey)
                if !findings.usable.contains(certificate) { findings.usable.append(certificate) }
                findings.names += secret.dnsNames.map { $0.lowercased() }
            }
            guard let fault = found.fault else { continue }
            findings.defects.append(
                CertificateFindings.Defect(
                    reason: fault.reason, reference: index, message: fault.message, dependsOn: fault.dependsOn,
                    leavesLastGood: fault.leavesLastGood))
            // A reference that the decoder refused has been reported, with its line.
            if reference.defect != nil { continue }
            report(
                Problem(
                    severity: .error, id: .certificate, object: "Gateway \(gateway.metadata.key)",
                    field: "spec.listeners[\(position)].tls.certificateRefs[\(index)]", value: reference.name,
                    message: "\(fault.reason.rawValue): \(fault.message); \(consequence(of: found, fault))",
                    dependsOn: fault.dependsOn,
                    follows: [
                        ProblemCause(
                            .secret,
                            ObjectKey(
                                namespace: reference.namespace ?? gateway.metadata.key.namespace, name: reference.name))
                    ]))
        }
        return findings
    }

    private struct Fault {
        var reason: CertificateFindings.Defect.Reason
        var message: String
        var dependsOn: ResourceKinds
        var leavesLastGood = false
    }

    /// With both, the Secret is the last good state of one that is at fault now.
    private struct Resolution {
        var secret: Secret?
        var fault: Fault?
    }

    private func consequence(of found: Resolution, _ fault: Fault) -> String {
        if found.secret != nil { return "the listener goes on serving with the certificate that it had" }
        // Who looks at the whole cluster does not know what its gateways have.
        guard fault.leavesLastGood, case .cluster = scope else { return "this certificate is not used" }
        return "a gateway goes on serving with the certificate that it had, or without this one"
    }

    /// In the standard's order: kind, permission (also where the target is missing), existence, content.
    private func resolve(_ reference: CertificateReference, of gateway: Gateway) -> Resolution {
        func refuse(_ message: String) -> Resolution {
            Resolution(fault: Fault(reason: .invalidCertificateRef, message: message, dependsOn: []))
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
            return Resolution(fault: Fault(reason: .refNotPermitted, message: message, dependsOn: .referenceGrant))
        }
        plan.wantedSecrets.insert(target)
        let secret = resources.secrets[target]
        // A grant lets a gateway have certificates and nothing else.
        if let secret, target.namespace != own, secret.type != Secret.tlsType {
            return refuse(
                "Secret \(target) is of type \(VisibleText.of(secret.type, bytes: 80)); of another namespace it must be of type \(Secret.tlsType)"
            )
        }
        if let secret, secret.defect == nil { return Resolution(secret: secret) }
        let fault = Fault(
            reason: .invalidCertificateRef,
            message: "Secret \(target) " + (secret?.defect.map { "cannot be used: \($0)" } ?? "does not exist"),
            dependsOn: secret == nil ? .secret : [], leavesLastGood: true)
        return Resolution(secret: lastGood[target], fault: fault)
    }
}
