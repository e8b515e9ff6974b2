/// What can be told of PEM (RFC 7468) without reading what is inside: which blocks there are.
enum PEMText {
    static func hasCertificate(_ bytes: [UInt8]) -> Bool { hasBlock(bytes) { $0 == "CERTIFICATE" } }

    /// PKCS #8, or the traditional forms as `RSA PRIVATE KEY` and `EC PRIVATE KEY`.
    static func hasPrivateKey(_ bytes: [UInt8]) -> Bool { hasBlock(bytes) { $0.hasSuffix("PRIVATE KEY") } }

    /// A key that needs a password, which nobody could give.
    static func hasEncryptedKey(_ bytes: [UInt8]) -> Bool { hasBlock(bytes) { $0 == "ENCRYPTED PRIVATE KEY" } }

    private static func hasBlock(_ bytes: [UInt8], _ isWanted: (Substring) -> Bool) -> Bool {
        var open: Substring?
        for line in bytes.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) where line.count <= 80 {
            let text = String(decoding: line, as: UTF8.self)
            if let label = label(of: text, "-----BEGIN ") {
                open = label
            } else if let label = label(of: text, "-----END "), label == open, isWanted(label) {
                return true
            }
        }
        return false
    }

    private static func label(of line: String, _ start: String) -> Substring? {
        let line = line.last == " " ? line.dropLast() : line[...]
        guard line.hasPrefix(start), line.hasSuffix("-----"), line.count > start.count + 5 else { return nil }
        return line.dropFirst(start.count).dropLast(5)
    }
}
