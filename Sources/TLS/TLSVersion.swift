internal import COpenSSL

/// The least version of the protocol that a context speaks; older ones than these are obsolete (RFC 8996).
package enum TLSVersion: Sendable {
    case v12
    case v13

    var number: Int32 {
        switch self {
        case .v12: TLS1_2_VERSION
        case .v13: TLS1_3_VERSION
        }
    }
}
