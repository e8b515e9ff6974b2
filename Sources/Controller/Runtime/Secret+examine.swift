internal import GatewayAPI
internal import TLS

extension Secret {
    /// Reads the certificate itself: whether OpenSSL can use it with its key, and for which names it is.
    mutating func examine() {
        guard defect == nil else { return }
        do throws(TLSError) {
            dnsNames = try TLSIdentity(certificateChain: certificateChain, privateKey: privateKey).dnsNames
        } catch {
            defect = error.description
        }
    }
}
