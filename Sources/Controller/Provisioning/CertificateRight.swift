internal import GatewayAPI

/// Whether a gateway gets the right to read a Secret that its Gateway names and may name. It gets a certificate and
/// nothing else: whoever may write Gateways, or whoever grants them references to all Secrets of a namespace, must not
/// thereby hand out a password.
enum CertificateRight {
    case granted
    case denied
    /// Whether there is such a Secret has not been seen yet.
    case unclear

    /// - Parameters:
    ///   - secret: what has been read of it; nil when it could not be read as a Secret.
    ///   - state: what is known of the object.
    init(_ key: ObjectKey, secret: Secret?, state: NamedObjectState, of gateway: ObjectKey) {
        switch state {
        case .unknown: self = .unclear
        case .absent, .unreadable: self = .denied
        case .found:
            // A chain and a key that fit, whose names say so.
            let isCertificate = secret.map { $0.defect == nil } ?? false
            // In its own namespace a Secret of no special type may hold them.
            let isOfType = secret?.type == Secret.tlsType || key.namespace == gateway.namespace
            self = isCertificate && isOfType ? .granted : .denied
        }
    }
}
