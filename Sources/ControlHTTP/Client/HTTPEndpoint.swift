package import TLS

/// One origin that a client talks to.
package struct HTTPEndpoint {
    /// A host name or an IP literal without brackets.
    package var host: String
    package var port: UInt16
    /// nil: plain HTTP.
    package var tls: TLSClientContext?
    /// What the server's certificate must be for, when it is not `host`.
    package var serverName: String?

    package init(host: String, port: UInt16, tls: TLSClientContext? = nil, serverName: String? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
        self.serverName = serverName
    }

    /// `host:port` for messages, an IPv6 literal in brackets.
    package var description: String { "\(bracketedHost):\(port)" }

    /// The Host field, RFC 9110 section 7.2: without the scheme's own port.
    var authority: String { port == (tls == nil ? 80 : 443) ? bracketedHost : description }

    private var bracketedHost: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }
}
