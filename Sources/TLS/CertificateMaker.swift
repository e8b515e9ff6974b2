internal import COpenSSL

/// Makes an authority and certificates that it vouches for: ECDSA on P-256, in PEM (RFC 5280).
package enum CertificateMaker {
    /// How far clocks may be behind the one of the machine that made a certificate.
    private static let clockSkew = 3600
    private static let secondsPerDay = 86_400
    /// The greatest number of days that a certificate is made for: 100 years.
    private static let mostDays = 36_525
    /// Bits of a serial number: more than can be guessed or be drawn twice.
    private static let serialBits: Int32 = 127
    private static let version3 = 2

    /// A self-signed certificate that may sign others.
    package static func authority(
        commonName: String, days: Int
    ) throws(TLSError) -> (certificate: [UInt8], key: [UInt8]) {
        let draft = try Draft(commonName: commonName, days: days)
        try unsafe draft.add(NID_basic_constraints, "critical,CA:TRUE", issuer: draft.certificate)
        try unsafe draft.add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: draft.certificate)
        try unsafe draft.add(NID_subject_key_identifier, "hash", issuer: draft.certificate)
        return try unsafe draft.signed(issuer: draft.certificate, key: draft.key)
    }

    /// A certificate for servers and clients.
    ///
    /// - Parameters:
    ///   - dnsNames: `*.` may stand for the first label. The first one is the common name as well, when it is short
    ///     enough.
    ///   - days: from now; a negative number makes one that has expired.
    ///   - authority: PEM, as `authority` makes it.
    package static func leaf(
        dnsNames: [String], ipAddresses: [String], days: Int, authority: (certificate: [UInt8], key: [UInt8])
    ) throws(TLSError) -> (certificate: [UInt8], key: [UInt8]) {
        let names = try alternativeNames(dnsNames, ipAddresses)
        let authorities = try CertificateStack(pem: authority.certificate)
        let authorityKey = try PrivateKey(pem: authority.key)
        guard let issuer = unsafe authorities.certificate(0),
            unsafe X509_check_private_key(issuer, authorityKey.key) == 1
        else { throw ErrorQueue.error("the authority's key is not its certificate's") }
        let first = (dnsNames + ipAddresses).first { $0.utf8.count <= TLSLimits.commonNameBytes }
        let draft = try Draft(commonName: first, days: days)
        try unsafe draft.add(NID_basic_constraints, "critical,CA:FALSE", issuer: issuer)
        try unsafe draft.add(NID_key_usage, "critical,digitalSignature", issuer: issuer)
        try unsafe draft.add(NID_ext_key_usage, "serverAuth,clientAuth", issuer: issuer)
        try unsafe draft.add(NID_subject_key_identifier, "hash", issuer: issuer)
        try unsafe draft.add(NID_authority_key_identifier, "keyid:always", issuer: issuer)
        // Without a subject the names are all there is, and must be understood (RFC 5280 section 4.2.1.6).
        try unsafe draft.add(NID_subject_alt_name, (first == nil ? "critical," : "") + names, issuer: issuer)
        return try unsafe draft.signed(issuer: issuer, key: authorityKey)
    }

    /// In OpenSSL's syntax. Names are checked, because a comma in one would begin another.
    private static func alternativeNames(_ dnsNames: [String], _ ipAddresses: [String]) throws(TLSError) -> String {
        guard !dnsNames.isEmpty || !ipAddresses.isEmpty else {
            throw TLSError("a certificate needs a DNS name or an IP address")
        }
        for name in dnsNames where !isDNSName(name) {
            throw TLSError("\"\(name)\" is not a DNS name that a certificate can be for")
        }
        for address in ipAddresses where !address.utf8.allSatisfy(isAddressByte) || address.isEmpty {
            throw TLSError("\"\(address)\" is not an IP address that a certificate can be for")
        }
        return (dnsNames.map { "DNS:\($0)" } + ipAddresses.map { "IP:\($0)" }).joined(separator: ",")
    }

    private static func isDNSName(_ name: String) -> Bool {
        let host = name.hasPrefix("*.") ? name.dropFirst(2) : name[...]
        return !host.isEmpty && name.utf8.count <= TLSLimits.hostnameBytes && host.utf8.allSatisfy(isNameByte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
        default: false
        }
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66, 0x2e, 0x3a: true
        default: false
        }
    }
}

extension CertificateMaker {
    /// A certificate in the making, with a new key.
    @safe
    private final class Draft {
        let certificate: OpaquePointer
        let key: PrivateKey

        init(commonName: String?, days: Int) throws(TLSError) {
            ErrorQueue.clear()
            guard (-mostDays...mostDays).contains(days) else {
                throw TLSError("a certificate's \(days) days are out of range, allowed are up to \(mostDays)")
            }
            guard let generated = unsafe weir_new_p256_key() else { throw ErrorQueue.error("a key cannot be made") }
            key = unsafe PrivateKey(owning: generated)
            guard let certificate = unsafe X509_new() else { throw ErrorQueue.error("a certificate cannot be made") }
            unsafe self.certificate = certificate
            let end = days * secondsPerDay
            guard unsafe X509_set_version(certificate, version3) == 1,
                unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), min(0, end) - clockSkew) != nil,
                unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), end) != nil,
                unsafe X509_set_pubkey(certificate, key.key) == 1, setSerialNumber(), setSubject(commonName)
            else { throw ErrorQueue.error("a certificate cannot be made") }
        }

        deinit { unsafe X509_free(certificate) }

        private func setSerialNumber() -> Bool {
            guard let number = unsafe BN_new() else { return false }
            defer { unsafe BN_free(number) }
            return unsafe BN_rand(number, serialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1
                && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
        }

        private func setSubject(_ commonName: String?) -> Bool {
            guard let commonName else { return true }
            let text = Array(commonName.utf8)
            return unsafe X509_NAME_add_entry_by_NID(
                X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8, text, Int32(text.count), -1, 0) == 1
        }

        func add(_ kind: Int32, _ value: String, issuer: OpaquePointer) throws(TLSError) {
            guard unsafe weir_add_extension(certificate, issuer, kind, value) == 1 else {
                throw ErrorQueue.error("a certificate cannot be made (\(value))")
            }
        }

        func signed(
            issuer: OpaquePointer, key issuerKey: PrivateKey
        ) throws(TLSError) -> (certificate: [UInt8], key: [UInt8]) {
            guard unsafe X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1,
                unsafe X509_sign(certificate, issuerKey.key, EVP_sha256()) > 0
            else { throw ErrorQueue.error("a certificate cannot be signed") }
            let text = try unsafe pem { unsafe PEM_write_bio_X509($0, certificate) }
            let keyText = try unsafe pem { unsafe PEM_write_bio_PKCS8PrivateKey($0, key.key, nil, nil, 0, nil, nil) }
            return (text, keyText)
        }

        private func pem(_ write: (OpaquePointer) -> Int32) throws(TLSError) -> [UInt8] {
            guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw ErrorQueue.error("PEM cannot be written") }
            defer { unsafe BIO_free(bio) }
            guard unsafe write(bio) == 1 else { throw ErrorQueue.error("PEM cannot be written") }
            var bytes: UnsafeRawPointer?
            let count = unsafe weir_memory_bio_bytes(bio, &bytes)
            return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
        }
    }
}
