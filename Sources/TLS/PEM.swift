internal import COpenSSL

/// Certificates in PEM, owned.
@safe
final class CertificateStack {
    /// OpenSSL's stack; never empty when read, though `takeFirst` may empty it.
    let stack: OpaquePointer

    /// - Throws: the text is too long, holds no certificate, or one of those in it is malformed.
    init(pem: [UInt8]) throws(TLSError) {
        ErrorQueue.clear()
        guard pem.count <= TLSLimits.pemBytes else {
            throw TLSError("certificates have \(pem.count) bytes, at most \(TLSLimits.pemBytes) are read")
        }
        guard let read = unsafe pem.withUnsafeBytes({ unsafe weir_read_certificates($0.baseAddress, Int32($0.count)) })
        else { throw ErrorQueue.error("certificates cannot be read as PEM", otherwise: "no certificate") }
        unsafe stack = read
    }

    deinit { unsafe weir_certificates_free(stack) }

    var count: Int32 { unsafe weir_certificates_count(stack) }

    /// Borrowed from the stack.
    func certificate(_ position: Int32) -> OpaquePointer? { unsafe weir_certificate(stack, position) }

    /// The caller owns it.
    func takeFirst() -> OpaquePointer? { unsafe weir_certificates_remove_first(stack) }
}

/// A private key, owned.
@safe
final class PrivateKey {
    let key: OpaquePointer

    /// Takes over a key that OpenSSL has made.
    init(owning key: OpaquePointer) {
        unsafe self.key = key
    }

    /// - Throws: the text is too long, or does not begin with an unencrypted private key.
    init(pem: [UInt8]) throws(TLSError) {
        ErrorQueue.clear()
        guard pem.count <= TLSLimits.pemBytes else {
            throw TLSError("the private key has \(pem.count) bytes, at most \(TLSLimits.pemBytes) are read")
        }
        guard let read = unsafe pem.withUnsafeBytes({ unsafe weir_read_private_key($0.baseAddress, Int32($0.count)) })
        else { throw ErrorQueue.error("the private key cannot be read as PEM", otherwise: "no private key") }
        unsafe key = read
    }

    deinit { unsafe EVP_PKEY_free(key) }
}
