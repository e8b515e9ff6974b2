internal import COpenSSL
internal import Glibc

/// One side of a TLS connection over a connected socket that stays the caller's: a handle, copied freely, freed once.
///
/// Readiness: bytes may wait inside the session when the socket has none, so after a socket became readable `read` must
/// be called until it answers `wantRead`. A `write` that answered `wantRead` or `wantWrite` is repeated with the same
/// bytes (at any address, more may follow them).
@safe
package struct TLSSession: BitwiseCopyable {
    let session: OpaquePointer

    /// One step of the handshake. Reads and writes are for after `done`.
    package func handshake() -> TLSProgress {
        ErrorQueue.clear()
        let status = unsafe SSL_do_handshake(session)
        if status == 1 { return .done }
        switch unsafe SSL_get_error(session, status) {
        case SSL_ERROR_WANT_READ: return .wantRead
        case SSL_ERROR_WANT_WRITE: return .wantWrite
        default: return .failed(failure("TLS handshake failed"))
        }
    }

    /// Reads what has been decrypted, or the next record.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> TLSResult {
        guard unsafe !buffer.isEmpty else { return .wantRead }
        ErrorQueue.clear()
        var count = 0
        let status = unsafe SSL_read_ex(session, buffer.baseAddress, buffer.count, &count)
        if status == 1 { return .bytes(count) }
        let error = unsafe SSL_get_error(session, status)
        return error == SSL_ERROR_ZERO_RETURN ? .bytes(0) : stalled(error, "TLS read failed")
    }

    /// Writes some of the bytes, a record's worth at most.
    package func write(_ bytes: UnsafeRawBufferPointer) -> TLSResult {
        guard unsafe !bytes.isEmpty else { return .bytes(0) }
        ErrorQueue.clear()
        var count = 0
        let status = unsafe SSL_write_ex(session, bytes.baseAddress, bytes.count, &count)
        return status == 1 ? .bytes(count) : unsafe stalled(SSL_get_error(session, status), "TLS write failed")
    }

    /// What was agreed on by ALPN; nil when nothing was.
    package var negotiatedProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        unsafe SSL_get0_alpn_selected(session, &name, &length)
        guard length > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    /// Bytes read from the socket so far.
    package var receivedBytes: Int { unsafe Int(clamping: BIO_number_read(SSL_get_rbio(session))) }

    /// The SNI that the client sent.
    package var serverName: String? {
        unsafe SSL_get_servername(session, TLSEXT_NAMETYPE_host_name).map { unsafe String(cString: $0) }
    }

    /// The bytes of `serverName`, where they are; none when the client sent none.
    package func withServerName<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        guard let name = unsafe SSL_get_servername(session, TLSEXT_NAMETYPE_host_name) else {
            return unsafe body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return unsafe body(UnsafeRawBufferPointer(start: name, count: strlen(name)))
    }

    /// The common name of the peer's certificate; nil when it has shown none, or one without.
    package var peerCommonName: String? {
        guard let certificate = unsafe SSL_get0_peer_certificate(session) else { return nil }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4 * TLSLimits.commonNameBytes) { text in
            let length = unsafe X509_NAME_get_text_by_NID(
                X509_get_subject_name(certificate), NID_commonName, text.baseAddress, Int32(text.count))
            return length < 0 ? nil : unsafe text.baseAddress.map { unsafe String(cString: $0) }
        }
    }

    /// Tells the peer that nothing more will come (close_notify). False when the socket is full: call again when it can
    /// be written. Reading goes on.
    @discardableResult
    package func shutdown() -> Bool {
        ErrorQueue.clear()
        let status = unsafe SSL_shutdown(session)
        defer { ErrorQueue.clear() }
        return unsafe status >= 0 || SSL_get_error(session, status) != SSL_ERROR_WANT_WRITE
    }

    /// Frees the session, once; neither this handle nor a copy may be used afterwards. The socket stays open.
    package func free() {
        unsafe SSL_free(session)
    }

    private func stalled(_ error: Int32, _ message: String) -> TLSResult {
        switch error {
        case SSL_ERROR_WANT_READ: .wantRead
        case SSL_ERROR_WANT_WRITE: .wantWrite
        default: .failed(failure(message))
        }
    }

    /// OpenSSL's reason, and what was wrong with the peer's certificate if that was it.
    private func failure(_ message: String) -> TLSError {
        var error = ErrorQueue.error(message, otherwise: "the connection has ended")
        let verdict = unsafe SSL_get_verify_result(session)
        if verdict != X509_V_OK, let text = unsafe X509_verify_cert_error_string(verdict) {
            unsafe error.reason += ": \(String(cString: text))"
        }
        return error
    }
}
