internal import Reactor

/// Sizes, counts and times (nanoseconds) of the client of an API server.
package enum APILimits {
    /// Bytes of one answer that is read as a whole.
    static let responseBytes = 32 << 20
    /// Bytes of one watch event, and of one item of a list. etcd holds no object above 1.5 MiB.
    static let eventBytes = 8 << 20
    /// Bytes of a list's answer besides its items.
    static let listBytes = 64 << 10
    /// Bytes read of an answer that refuses a watch.
    static let refusalBytes = 64 << 10
    /// Requests under way at once, each on a connection of its own; further ones wait.
    package static let requestConnections = 8
    /// Watches under way at once, each on a connection of its own.
    package static let watchConnections = 256
    /// Token and certificate files are looked at this often.
    static let credentialsLifetime: UInt64 = 60_000_000_000
    /// Credentials with an end are replaced this many seconds before it, or when a quarter of their life is left.
    static let expiryMargin: Int64 = 60
    /// Bytes of a token, certificate or key file.
    static let credentialsBytes = 1 << 20
    /// An exec plugin must be done within this time, and print no more than so many bytes.
    static let pluginTimeout: UInt64 = 30_000_000_000
    static let pluginOutput = 1 << 20
}
