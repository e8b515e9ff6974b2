extension ListenerTLS {
    /// `tls` of a listener; what its protocol forbids or demands is reported against the listener.
    static func decode(_ listener: FieldReader, _ listenerProtocol: String) -> ListenerTLS? {
        let wantsTLS = listenerProtocol == "HTTPS" || listenerProtocol == "TLS"
        guard listener.has("tls") else {
            if wantsTLS { listener.error("tls", "is required on a listener of protocol \(listenerProtocol)") }
            return nil
        }
        if ["HTTP", "TCP", "UDP"].contains(listenerProtocol) {
            listener.error("tls", "must not be set on a listener of protocol \(listenerProtocol)")
            return nil
        }
        guard let reader = listener.mapping("tls") else { return nil }
        reader.checkFields(["mode", "certificateRefs"], unserved: ["options"])
        let mode = Mode(rawValue: reader.string("mode", .oneOf(["Terminate", "Passthrough"])) ?? "Terminate")
        let references = CertificateReference.list(reader)
        if listenerProtocol == "HTTPS" {
            if mode == .passthrough { reader.error("mode", "must be Terminate on a listener of protocol HTTPS") }
            if mode == .terminate, references.isEmpty {
                reader.error("certificateRefs", "must name at least one Secret")
            }
        }
        return ListenerTLS(mode: mode ?? .terminate, certificateRefs: references)
    }
}

extension CertificateReference {
    private static let consequence = "this certificate is not used"

    fileprivate static func list(_ tls: FieldReader) -> [CertificateReference] {
        (tls.elements("certificateRefs") ?? []).map { element in
            var (reference, defect) = tls.context.scope(consequence) {
                if element.index >= ResourceLimits.certificateRefs {
                    tls.context.error(
                        element.path, "", "is beyond the \(ResourceLimits.certificateRefs) certificates allowed",
                        line: element.node.line, id: .beyondLimit)
                }
                return FieldReader(element.node, at: element.path, in: tls.context).map(CertificateReference.init)
                    ?? CertificateReference(name: "")
            }
            reference.defect = defect
            return reference
        }
    }

    private init(_ reader: FieldReader) {
        reader.checkFields(["group", "kind", "namespace", "name"])
        self.init(
            group: reader.string("group", .group) ?? "", kind: reader.string("kind", .kind) ?? "Secret",
            namespace: reader.string("namespace", .label), name: reader.requiredString("name", .referenceName) ?? "")
    }
}

extension FrontendValidation {
    /// `spec.tls` of a Gateway.
    static func decode(_ gateway: FieldReader) -> FrontendValidation {
        let (validation, defect) = gateway.context.scope(
            "HTTPS listeners do not serve, for clients may have to be verified"
        ) {
            () -> FrontendValidation in
            guard let tls = gateway.mapping("tls") else { return FrontendValidation() }
            tls.checkFields(["frontend", "backend"])
            guard let frontend = tls.mapping("frontend") else { return FrontendValidation() }
            frontend.checkFields(["default", "perPort"])
            var validation = FrontendValidation(byDefault: isAskedFor(frontend.mapping("default")))
            for element in frontend.elements("perPort") ?? [] {
                guard let entry = FieldReader(element.node, at: element.path, in: gateway.context) else { continue }
                entry.checkFields(["port", "tls"])
                guard let port = entry.port("port") else {
                    if !entry.has("port") { entry.missing("port") }
                    continue
                }
                let isAsked = isAskedFor(entry.mapping("tls"))
                // A second entry for a port cannot take back what the first asks for.
                validation.perPort[port] = validation.perPort[port] == true || isAsked
            }
            return validation
        }
        // Verification is never skipped: what cannot be read may well have asked for it.
        return defect == nil ? validation : FrontendValidation(byDefault: true)
    }

    private static func isAskedFor(_ settings: FieldReader?) -> Bool {
        settings?.checkFields(["validation"])
        settings?.mapping("validation")?.checkFields(["caCertificateRefs", "mode"])
        return settings?.has("validation") ?? false
    }
}
