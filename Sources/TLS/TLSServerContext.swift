internal import COpenSSL

/// What a server needs for its handshakes: certificates by hostname, the protocols it speaks. It does not change: for
/// other certificates another is made, and sessions begun with the old one live on. One may serve any number of
/// threads.
@safe
package final class TLSServerContext: @unchecked Sendable {
    private let context: SSLContext

    var pointer: OpaquePointer { unsafe context.pointer }

    /// - Parameters:
    ///   - identities: certificates by hostname, chosen by the client's SNI: an equal hostname, else the longest
    ///     wildcard (`*.example.com` is one or more labels), else the one without a hostname. A name that none matches
    ///     is refused with unrecognized_name, as is one whose hostname has no identity. Several identities of a
    ///     hostname: those for the same names with other types of key are offered together; else the one with the best
    ///     name for the SNI is taken.
    ///   - alpn: what is agreed on with a client that offers protocols; one that offers only others is refused. Empty:
    ///     the offer is ignored.
    ///   - clientAuthorities: PEM; when given, a client must show a certificate that one of them vouches for.
    package init(
        identities: [(hostname: String?, identities: [TLSIdentity])], minimumVersion: TLSVersion = .v12,
        alpn: [String] = ["http/1.1"], clientAuthorities: [UInt8]? = nil
    ) throws(TLSError) {
        let authorities: CertificateStack? =
            if let clientAuthorities { try CertificateStack(pem: clientAuthorities) } else { nil }
        let make = { () throws(TLSError) -> SSLContext in
            let context = try SSLContext(.server, minimumVersion: minimumVersion)
            try TLSServerContext.setUpSessions(context, authorities)
            return context
        }
        context = try make()
        let names = try ServedNames(
            identities, protocols: ProtocolNames(alpn),
            make: { () throws(TLSError) in
                let context = try make()
                return context
            })
        try attach(names)
    }

    /// Sessions may be resumed only where the client was verified in the same way.
    private static func setUpSessions(_ context: SSLContext, _ authorities: CertificateStack?) throws(TLSError) {
        let name: [UInt8] = Array("weir".utf8)
        _ = unsafe SSL_CTX_set_session_id_context(context.pointer, name, UInt32(name.count))
        guard let authorities else { return }
        try context.trust(authorities)
        unsafe SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }

    private func attach(_ names: ServedNames) throws(TLSError) {
        let retained = unsafe Unmanaged.passRetained(names).toOpaque()
        guard unsafe SSL_CTX_set_ex_data(pointer, ServerCallbacks.index, retained) == 1 else {
            unsafe Unmanaged<ServedNames>.fromOpaque(retained).release()
            throw ErrorQueue.error("a TLS context cannot be set up")
        }
        unsafe weir_ssl_ctx_set_server_name_callback(pointer, ServerCallbacks.serverName, retained)
        names.answerProtocols(on: context)
    }
}
