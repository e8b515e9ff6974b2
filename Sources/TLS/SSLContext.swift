internal import COpenSSL

/// One SSL_CTX with the house's policy, owned. Sessions hold it for as long as they live, whatever becomes of this.
@safe
final class SSLContext {
    enum Side {
        case client
        case server
    }

    /// TLS 1.2: forward secrecy and authenticated encryption only (RFC 9325 section 4.2). TLS 1.3 has no others.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"
    /// Keys and hashes of 112 bits of security at least.
    private static let securityLevel: Int32 = 2

    let pointer: OpaquePointer

    init(_ side: Side, minimumVersion: TLSVersion = .v12) throws(TLSError) {
        ErrorQueue.clear()
        let method = unsafe side == .client ? TLS_client_method() : TLS_server_method()
        guard let pointer = unsafe SSL_CTX_new(method) else { throw ErrorQueue.error("a TLS context cannot be made") }
        unsafe self.pointer = pointer
        unsafe weir_ssl_ctx_configure(pointer)
        unsafe SSL_CTX_set_security_level(pointer, SSLContext.securityLevel)
        guard unsafe weir_ssl_ctx_set_minimum_version(pointer, minimumVersion.number) == 1,
            unsafe SSL_CTX_set_cipher_list(pointer, SSLContext.ciphers) == 1
        else { throw ErrorQueue.error("a TLS context cannot be set up") }
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    /// What this side shows; a further identity with another type of key is offered beside the first.
    func use(_ identity: TLSIdentity) throws(TLSError) {
        ErrorQueue.clear()
        guard unsafe identity.load(into: pointer) == 1 else {
            throw ErrorQueue.error("the certificate cannot be used")
        }
    }

    /// Trusts these authorities, and none else. Each is an anchor of its own, be it a root or not, as other clients of
    /// the Kubernetes API have it.
    func trust(_ authorities: CertificateStack) throws(TLSError) {
        ErrorQueue.clear()
        let store = unsafe SSL_CTX_get_cert_store(pointer)
        for position in 0..<authorities.count {
            guard unsafe X509_STORE_add_cert(store, authorities.certificate(position)) == 1 else {
                throw ErrorQueue.error("an authority's certificate cannot be used")
            }
        }
        _ = unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    func trustSystem() throws(TLSError) {
        guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else {
            throw ErrorQueue.error("the system's authorities cannot be read")
        }
    }
}
