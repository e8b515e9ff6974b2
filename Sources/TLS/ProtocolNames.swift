internal import COpenSSL

/// Application protocols in the order of preference, as ALPN sends them (RFC 7301 section 3.1); the bytes stay in
/// place.
@safe
final class ProtocolNames {
    let bytes: UnsafeMutableBufferPointer<UInt8>

    /// - Throws: a name that is empty or longer than 255 bytes.
    init(_ names: [String]) throws(TLSError) {
        var list: [UInt8] = []
        for name in names {
            guard (1...TLSLimits.protocolNameBytes).contains(name.utf8.count) else {
                throw TLSError("ALPN protocol \"\(name)\" has \(name.utf8.count) bytes, allowed are 1 to 255")
            }
            list.append(UInt8(name.utf8.count))
            list += name.utf8
        }
        unsafe bytes = .allocate(capacity: list.count)
        _ = unsafe bytes.initialize(from: list)
    }

    deinit { unsafe bytes.deallocate() }

    var isEmpty: Bool { unsafe bytes.isEmpty }

    /// The first of ours that is among the client's; nil when none is.
    func select(_ offered: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
        var chosen: UnsafeMutablePointer<UInt8>?
        var length: UInt8 = 0
        let outcome = unsafe SSL_select_next_proto(
            &chosen, &length, bytes.baseAddress, UInt32(bytes.count), offered.baseAddress, UInt32(offered.count))
        guard outcome == OPENSSL_NPN_NEGOTIATED else { return nil }
        return unsafe UnsafeBufferPointer(start: chosen, count: Int(length))
    }
}
