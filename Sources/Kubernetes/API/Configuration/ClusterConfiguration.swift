internal import ControlHTTP

/// How to reach an API server and be let in. What is read from files is named here and read when it is needed, because
/// it changes.
package struct ClusterConfiguration: Hashable, Sendable {
    /// PEM, there or to be read.
    package enum Material: Hashable, Sendable {
        case bytes([UInt8])
        case file(String)
    }

    package enum Token: Hashable, Sendable {
        case text(String)
        /// Read again when it changes.
        case file(String)
        /// A program prints it, or a certificate.
        case plugin(ExecPlugin)
    }

    package struct Certificate: Hashable, Sendable {
        package var chain: Material
        package var key: Material
    }

    package var server: ServerURL
    /// Nanoseconds for which the server may leave what it is sent unacknowledged, or say nothing to a question whether
    /// it is there.
    package var userTimeout = HTTPClientLimits().userTimeout
    /// Whose word counts for the server's certificate; nil: the system's authorities.
    package var authorities: Material?
    /// False: anyone may answer (`insecure-skip-tls-verify`).
    package var isVerified = true
    /// What the server's certificate is for, when it is not the host.
    package var serverName: String?
    package var certificate: Certificate?
    package var token: Token?
    /// Where objects are when nothing else is said; nil: `default`.
    package var namespace: String?
    /// Lists come as the first events of a watch (`sendInitialEvents`), where the server does not refuse it.
    package var streamsLists = false
    /// What the server is called in messages.
    package var serverTitle = "the API server"
    /// Where all this comes from, for messages.
    package var origin: String

    package init(
        server: ServerURL, authorities: Material? = nil, token: Token? = nil, namespace: String? = nil, origin: String
    ) {
        self.server = server
        self.authorities = authorities
        self.token = token
        self.namespace = namespace
        self.origin = origin
    }
}

/// Why there is no API server to talk to.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, variable or flag.
    package var place: String
    package var message: String

    package init(_ place: String, _ message: String) {
        self.place = place
        self.message = message
    }

    package var description: String { "\(place): \(message)" }
}
