internal import COpenSSL

/// What OpenSSL asks in the middle of a server's handshake. The argument of each is the context's `ServedNames`,
/// unretained: the context that the session began with holds it, and the session holds that.
enum ServerCallbacks {
    /// Where a context keeps its `ServedNames`; they are released with it.
    static let index = unsafe weir_ssl_ctx_new_index { _, pointer, _, _, _, _ in
        if let pointer = unsafe pointer { unsafe Unmanaged<ServedNames>.fromOpaque(pointer).release() }
    }

    /// SNI: the session goes on with the context of the hostname, or is refused (RFC 6066 section 3).
    static let serverName:
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32 = {
            session, alert, argument in
            guard let names = unsafe served(argument), let chosen = unsafe names.choose(name(of: session)) else {
                unsafe alert?.pointee = SSL_AD_UNRECOGNIZED_NAME
                return SSL_TLSEXT_ERR_ALERT_FATAL
            }
            guard unsafe SSL_set_SSL_CTX(session, chosen.pointer) != nil else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            return SSL_TLSEXT_ERR_OK
        }

    /// ALPN: a client that offers none of ours is refused with no_application_protocol (RFC 7301 section 3.2).
    static let applicationProtocol:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, chosen, length, offered, count, argument in
            let list = unsafe UnsafeBufferPointer(start: offered, count: Int(count))
            guard let names = unsafe served(argument), let found = unsafe names.protocols.select(list) else {
                return SSL_TLSEXT_ERR_ALERT_FATAL
            }
            unsafe chosen?.pointee = found.baseAddress
            unsafe length?.pointee = UInt8(clamping: found.count)
            return SSL_TLSEXT_ERR_OK
        }

    private static func served(_ argument: UnsafeMutableRawPointer?) -> ServedNames? {
        unsafe argument.map { unsafe Unmanaged<ServedNames>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func name(of session: OpaquePointer?) -> String? {
        unsafe SSL_get_servername(session, TLSEXT_NAMETYPE_host_name).map { unsafe String(cString: $0) }
    }
}
