extension Secret {
    static let fields = ["type", "data", "stringData"]
    private static let consequence =
        "the Secret is no certificate, and listeners that refer to it go on with the one that they had or do without"
    private static let certificateKey = "tls.crt"
    private static let privateKeyKey = "tls.key"

    /// Expects a confidential context: nothing of the data may reach a problem.
    init(_ object: FieldReader, metadata: ObjectMeta) {
        var slim = metadata
        slim.annotations = [:]
        slim.labels = [:]
        let type = object.string("type") ?? Self.opaqueType
        guard [Self.tlsType, Self.opaqueType].contains(type) else {
            let defect = "is of another type than \(Self.tlsType) or \(Self.opaqueType)"
            self.init(metadata: slim, type: type, certificateChain: [], privateKey: [], defect: defect)
            return
        }
        let isCertificate = type == Self.tlsType
        let (pair, defect) = object.context.scope(Self.consequence) { () -> (chain: [UInt8], key: [UInt8])? in
            // Whether a value that is no text concerns anybody shows only when a listener refers to it.
            guard let chain = Self.value(Self.certificateKey, of: object, isRequired: isCertificate),
                let key = Self.value(Self.privateKeyKey, of: object, isRequired: isCertificate)
            else { return nil }
            Self.checkText(object, chain, key)
            return (chain, key)
        }
        let missing = "has no \(Self.certificateKey) and \(Self.privateKeyKey)"
        let usable = defect == nil ? pair : nil
        self.init(
            metadata: slim, type: type, certificateChain: usable?.chain ?? [], privateKey: usable?.key ?? [],
            defect: defect ?? (pair == nil ? missing : nil))
    }

    /// The bytes under one key; `stringData` wins over `data`, as when the API server stores it.
    private static func value(_ key: String, of object: FieldReader, isRequired: Bool) -> [UInt8]? {
        if let text = object.mapping("stringData")?.string(key) { return Array(text.utf8) }
        guard object.has("data") || isRequired else { return nil }
        guard let data = object.mapping("data") else {
            if !object.has("data") {
                object.error("data", "must have \(certificateKey) and \(privateKeyKey)", id: .certificate)
            }
            return nil
        }
        guard data.has(key) else {
            if isRequired { data.error(key, "is required in a Secret of type \(tlsType)", id: .certificate) }
            return nil
        }
        guard let text = data.string(key, .length(0...ResourceLimits.secretValueLength)) else { return nil }
        guard let bytes = Base64.decode(text) else {
            data.error(
                key, "must be base64 with padding and without line breaks (RFC 4648, section 4)", id: .certificate)
            return nil
        }
        return bytes
    }

    private static func checkText(_ object: FieldReader, _ chain: [UInt8], _ key: [UInt8]) {
        let data = FieldPath.field(.root, "data")
        func refuse(_ field: String, _ message: String) {
            object.context.error(.field(data, field), "", message, line: object.line, id: .certificate)
        }
        if !PEMText.hasCertificate(chain) { refuse(certificateKey, "must hold a PEM certificate") }
        if PEMText.hasEncryptedKey(key) {
            refuse(privateKeyKey, "must not be encrypted: there is nobody to give the password")
        } else if !PEMText.hasPrivateKey(key) {
            refuse(privateKeyKey, "must hold a PEM private key")
        }
    }
}
