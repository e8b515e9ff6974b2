/// Sizes beyond which input is refused unread.
enum TLSLimits {
    /// Bytes of one PEM text; a Secret holds 1 MiB at most, the system's bundle of authorities is a quarter of one.
    static let pemBytes = 4 << 20
    /// Bytes of a host name (RFC 1035 section 2.3.4).
    static let hostnameBytes = 253
    /// Bytes of a protocol's name (RFC 7301 section 3.1).
    static let protocolNameBytes = 255
    /// Bytes of a certificate's common name (RFC 5280, ub-common-name).
    static let commonNameBytes = 64
}
