internal import COpenSSL

extension TLSSession {
    /// A client's session; the handshake has not begun.
    ///
    /// - Parameter serverName: the DNS name or IP literal that the server's certificate must be for; a name is sent as
    ///   SNI.
    /// - Throws: a name that cannot be one.
    package static func client(
        _ context: TLSClientContext, descriptor: Int32, serverName: String
    ) throws(TLSError) -> TLSSession {
        let session = try unsafe open(context.pointer, descriptor)
        do {
            try session.expect(serverName, isVerified: context.verification == .full)
        } catch {
            session.free()
            throw error
        }
        unsafe SSL_set_connect_state(session.session)
        return session
    }

    /// A server's session; the client's first bytes are waited for.
    package static func server(_ context: TLSServerContext, descriptor: Int32) throws(TLSError) -> TLSSession {
        let session = try unsafe open(context.pointer, descriptor)
        unsafe SSL_set_accept_state(session.session)
        return session
    }

    private static func open(_ context: OpaquePointer, _ descriptor: Int32) throws(TLSError) -> TLSSession {
        ErrorQueue.clear()
        guard let session = unsafe SSL_new(context) else { throw ErrorQueue.error("a TLS session cannot be made") }
        guard let socket = unsafe weir_socket_bio(descriptor) else {
            unsafe SSL_free(session)
            throw ErrorQueue.error("a TLS session cannot be made")
        }
        unsafe SSL_set_bio(session, socket, socket)
        return unsafe TLSSession(session: session)
    }

    private func expect(_ serverName: String, isVerified: Bool) throws(TLSError) {
        let name = TLSSession.bareName(serverName)
        // An empty name would switch the check off, and one with a NUL would be checked up to it.
        guard !name.isEmpty, name.utf8.count <= TLSLimits.hostnameBytes, !name.utf8.contains(0) else {
            throw TLSError("server name \"\(serverName)\" is neither a DNS name nor an IP address")
        }
        let parameters = unsafe SSL_get0_param(session)
        let isAddress = unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1
        ErrorQueue.clear()
        if isAddress { return }
        unsafe X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard unsafe X509_VERIFY_PARAM_set1_host(parameters, name, name.utf8.count) == 1 || !isVerified,
            unsafe weir_ssl_set_server_name(session, name) == 1
        else { throw ErrorQueue.error("server name \"\(serverName)\" cannot be used") }
    }

    /// Without the brackets of an IPv6 literal and the dot that ends a full name: certificates have neither.
    private static func bareName(_ name: String) -> String {
        if name.hasPrefix("["), name.hasSuffix("]") { return String(name.dropFirst().dropLast()) }
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
