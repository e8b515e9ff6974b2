/// `listeners[].tls`: who ends TLS, and with which certificates.
package struct ListenerTLS: Hashable, Sendable {
    package enum Mode: String, Sendable {
        case terminate = "Terminate"
        case passthrough = "Passthrough"
    }

    package var mode: Mode
    package var certificateRefs: [CertificateReference]

    package init(mode: Mode = .terminate, certificateRefs: [CertificateReference]) {
        self.mode = mode
        self.certificateRefs = certificateRefs
    }
}

/// One `certificateRefs` entry. Defaults of the API server are filled in (group `""`, kind `Secret`).
package struct CertificateReference: Hashable, Sendable {
    package var group: String
    package var kind: String
    /// nil means the Gateway's own.
    package var namespace: String?
    package var name: String
    /// The reference cannot be read; the others of the listener stand.
    package var defect: String?

    package init(
        group: String = "", kind: String = "Secret", namespace: String? = nil, name: String, defect: String? = nil
    ) {
        self.group = group
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.defect = defect
    }
}

/// `spec.tls.frontend`: on which ports clients have to show a certificate.
package struct FrontendValidation: Hashable, Sendable {
    /// For HTTPS listeners whose port has no entry of its own.
    package var byDefault: Bool
    /// A port's entry replaces the default, in both directions.
    package var perPort: [UInt16: Bool]

    package init(byDefault: Bool = false, perPort: [UInt16: Bool] = [:]) {
        self.byDefault = byDefault
        self.perPort = perPort
    }

    package func isAsked(on port: UInt16) -> Bool { perPort[port] ?? byDefault }
}
