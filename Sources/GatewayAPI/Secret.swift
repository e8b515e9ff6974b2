/// Core Secret, as far as it holds a server certificate: a chain and its private key in PEM.
///
/// Neither annotations (`kubectl apply` keeps a copy of the data there) nor any data but the two keys are kept.
package struct Secret: Hashable, Sendable {
    package var metadata: ObjectMeta
    /// `kubernetes.io/tls`, or `Opaque` with the same two keys.
    package var type: String
    /// Why the Secret cannot serve as a certificate; nil when it can. It never quotes the data.
    ///
    /// Decoding finds what can be told from the text. Sources then let the certificate itself be read, and add what
    /// that finds.
    package var defect: String?
    /// The DNS names of the certificate, once it has been read.
    package var dnsNames: [String] = []
    private var chain: ConfidentialBytes
    private var key: ConfidentialBytes

    package init(
        metadata: ObjectMeta, type: String = Secret.tlsType, certificateChain: [UInt8], privateKey: [UInt8],
        defect: String? = nil
    ) {
        self.metadata = metadata
        self.type = type
        self.defect = defect
        chain = ConfidentialBytes(certificateChain)
        key = ConfidentialBytes(privateKey)
    }

    package static let tlsType = "kubernetes.io/tls"
    package static let opaqueType = "Opaque"

    /// PEM, leaf first.
    package var certificateChain: [UInt8] { chain.bytes }
    /// PEM. Must not be logged, shown or put into a message.
    package var privateKey: [UInt8] { key.bytes }
}
