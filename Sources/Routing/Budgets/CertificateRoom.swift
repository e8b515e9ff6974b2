internal import GatewayAPI

/// The certificates of one Gateway: each is read and kept, and set up once more for each listener that has it.
struct CertificateRoom {
    /// Certificates, each once for every listener.
    static let uses = 1_024
    /// Bytes of chains and keys, each once.
    static let bytes = 4 << 20

    private var usesLeft = CertificateRoom.uses
    private var bytesLeft = CertificateRoom.bytes
    private var known: Set<ObjectKey> = []

    /// Takes a certificate for one more listener. Returns why there is no room for it.
    mutating func take(_ secret: Secret) -> String? {
        let key = secret.metadata.key
        let size = known.contains(key) ? 0 : secret.certificateChain.count + secret.privateKey.count
        guard usesLeft > 0 else {
            return "the Gateway's listeners have more than \(Self.uses) certificates, and this is one of the last"
        }
        guard size <= bytesLeft else {
            return "the Gateway's certificates come to more than \(Self.bytes) bytes, and this is one of the last"
        }
        usesLeft -= 1
        bytesLeft -= size
        known.insert(key)
        return nil
    }
}
