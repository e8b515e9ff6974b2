internal import COpenSSL

/// A certificate with its chain and private key: what a Secret of type kubernetes.io/tls holds.
@safe
package final class TLSIdentity: @unchecked Sendable {
    // Immutable once made; OpenSSL counts references to its objects atomically.
    private let leaf: OpaquePointer
    private let chain: CertificateStack
    private let key: PrivateKey

    /// The DNS names the certificate is for (its subject alternative names), in lower case; the common name is not one.
    package let dnsNames: [String]
    /// From when the certificate is valid, in seconds since 1970.
    package let notBefore: Int64
    /// Until when the certificate is valid, in seconds since 1970. One that has expired is still an identity.
    package let notAfter: Int64

    /// - Parameters:
    ///   - certificateChain: PEM, the leaf first.
    ///   - privateKey: PEM, not encrypted.
    /// - Throws: malformed PEM, no certificate, a key that is not the certificate's, or one that is too weak to be
    ///   served (OpenSSL's security level 2: 112 bits).
    package init(certificateChain: [UInt8], privateKey: [UInt8]) throws(TLSError) {
        chain = try CertificateStack(pem: certificateChain)
        key = try PrivateKey(pem: privateKey)
        guard let leaf = unsafe chain.takeFirst() else { throw TLSError("certificates hold no leaf") }
        unsafe self.leaf = leaf
        dnsNames = unsafe TLSIdentity.dnsNames(of: leaf)
        notBefore = unsafe weir_unix_time(X509_get0_notBefore(leaf))
        notAfter = unsafe weir_unix_time(X509_get0_notAfter(leaf))
        guard unsafe X509_check_private_key(leaf, key.key) == 1 else {
            throw ErrorQueue.error("the private key is not the certificate's")
        }
        // What a context would refuse is refused here, where it concerns this identity alone.
        try SSLContext(.server).use(self)
    }

    deinit { unsafe X509_free(leaf) }

    /// Adds the identity to a context, in its key type's place; 0 when OpenSSL refuses it.
    func load(into context: OpaquePointer) -> Int32 {
        unsafe SSL_CTX_use_cert_and_key(context, leaf, key.key, chain.stack, 1)
    }

    private static func dnsNames(of certificate: OpaquePointer) -> [String] {
        guard let text = unsafe weir_dns_names(certificate) else { return [] }
        defer { unsafe weir_text_free(text) }
        return unsafe String(cString: text).lowercased().split(separator: "\n").map(String.init)
    }
}
