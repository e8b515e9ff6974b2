/// What lets a request in, as it is now.
struct Credentials: Hashable {
    var token: String?
    var transport = TransportMaterial()
}

/// What TLS is done with: PEM.
struct TransportMaterial: Hashable {
    /// nil: the system's.
    var authorities: [UInt8]?
    var chain: [UInt8]?
    var key: [UInt8]?
}
