package import GatewayAPI
internal import TLS

/// Reads the certificate of a Secret: what decoding, which knows no cryptography, could not tell of it.
///
/// Whoever takes Secrets in, from a folder or from an API server, lets each go through here once.
package enum SecretInspection {
    private static let consequence =
        "the Secret is no certificate, and listeners that refer to it go on with the one that they had or do without"

    /// Fills in `defect` (no certificate, a key of another one, one too weak to be served) and `dnsNames`.
    ///
    /// - Returns: the problem that was found; nil when there is none, or decoding has told it already.
    package static func inspect(_ secret: inout Secret, file: String = "", line: Int = 0) -> Problem? {
        guard secret.defect == nil else { return nil }
        do throws(TLSError) {
            let identity = try TLSIdentity(
                certificateChain: secret.certificateChain, privateKey: secret.privateKey)
            secret.dnsNames = identity.dnsNames
            return nil
        } catch {
            secret.defect = error.description
            return Problem(
                severity: .error, id: .certificate,
                object: ResourceID(kind: .secret, key: secret.metadata.key).description, field: "data",
                message: "\(error.description); \(consequence)", file: file, line: line)
        }
    }

    /// The same for any resource; those that are no Secrets are left as they are.
    package static func inspect(_ resource: inout Resource, file: String = "", line: Int = 0) -> Problem? {
        guard case .secret(var secret) = resource else { return nil }
        let problem = inspect(&secret, file: file, line: line)
        resource = .secret(secret)
        return problem
    }
}
