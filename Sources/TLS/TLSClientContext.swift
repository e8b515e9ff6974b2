internal import COpenSSL

/// What a client needs for its handshakes: whom it trusts, and what it shows of itself. One may serve any number of
/// threads.
@safe
package final class TLSClientContext: @unchecked Sendable {
    /// Whose word is taken for a server's certificate.
    package enum Roots: Sendable {
        /// The system's authorities.
        case system
        /// These certificates and no others; each is an anchor of its own, be it a root or not.
        case pem([UInt8])
    }

    package enum Verification: Sendable {
        /// The chain, the dates, and the name or address that is connected to.
        case full
        /// Anyone may answer. For where a person has asked for it by name.
        case none
    }

    private let context: SSLContext
    let verification: Verification

    var pointer: OpaquePointer { unsafe context.pointer }

    /// - Parameters:
    ///   - identity: the certificate shown to servers that ask for one.
    ///   - alpn: the protocols offered; empty offers none.
    package init(
        roots: Roots, identity: TLSIdentity?, verification: Verification = .full, alpn: [String] = []
    ) throws(TLSError) {
        self.verification = verification
        context = try SSLContext(.client)
        switch roots {
        case .system: try context.trustSystem()
        case .pem(let pem): try context.trust(CertificateStack(pem: pem))
        }
        if let identity { try context.use(identity) }
        unsafe SSL_CTX_set_verify(pointer, verification == .full ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
        let protocols = try ProtocolNames(alpn)
        // 0 is success here, unlike anywhere else.
        guard
            unsafe protocols.isEmpty
                || SSL_CTX_set_alpn_protos(pointer, protocols.bytes.baseAddress, UInt32(protocols.bytes.count)) == 0
        else { throw ErrorQueue.error("a TLS context cannot be set up") }
    }
}
