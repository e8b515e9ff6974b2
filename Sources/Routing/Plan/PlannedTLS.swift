package import GatewayAPI

/// How an HTTPS listener ends TLS.
package struct PlannedTLS: Hashable, Sendable {
    /// In the order of the references, the last good ones of Secrets that are bad now among them; never empty. Which of
    /// them a client gets, its SNI and their names decide.
    package var certificates: [PlannedCertificate]

    package init(certificates: [PlannedCertificate]) {
        self.certificates = certificates
    }
}

/// A certificate chain and its key, in PEM. Printing it shows neither.
package struct PlannedCertificate: Hashable, Sendable {
    package var secret: ObjectKey
    private var confidentialChain: ConfidentialBytes
    private var confidentialKey: ConfidentialBytes

    /// Leaf first.
    package var chain: [UInt8] { confidentialChain.bytes }
    /// Must not be logged, shown or put into a message.
    package var key: [UInt8] { confidentialKey.bytes }

    package init(secret: ObjectKey, chain: [UInt8], key: [UInt8]) {
        self.secret = secret
        confidentialChain = ConfidentialBytes(chain)
        confidentialKey = ConfidentialBytes(key)
    }
}
