internal import ControlHTTP
internal import Kubernetes
internal import Reactor
internal import TLS

/// The served API: what proxies read instead of the API server.
extension ControllerRuntime {
    /// Tokens that the API server is asked about at once.
    private static let reviewConnections = 4

    /// - Parameter client: nil without a cluster, where nobody can look at tokens: then everybody is answered, which the
    ///   options must have allowed.
    func startServing(_ cache: ObjectCache, _ client: APIClient?) throws {
        guard let address = options.serve else { return }
        let authenticator: any Authenticator =
            if let client, !options.allowsAnonymous {
                TokenReviewAuthenticator(transport: reviewer(like: client))
            } else {
                AnonymousAuthenticator()
            }
        let api = ServedAPI(cache: cache, authenticator: authenticator, loop: loop, version: options.version)
        served = try HTTPServer(
            address: address, loop: loop, tls: try servingTLS(), limits: ServedAPILimits.server, handler: api.handle)
        servedAPI = api
        self.cache = cache
    }

    /// Whoever reaches the port can have tokens looked at: they wait in a queue of their own, so that the lease and the statuses
    /// do not wait behind them.
    private func reviewer(like client: APIClient) -> APIClient {
        APIClient(
            client.configuration, loop: loop, userAgent: "weir/\(options.version)",
            connections: Self.reviewConnections)
    }

    /// nil: in the clear, which the options must have allowed.
    private func servingTLS() throws -> (() -> TLSServerContext?)? {
        if let load = options.serveCertificate {
            let certificate = try ServingCertificate(loop: loop, load: load)
            return { certificate.context }
        }
        guard let injection else { return nil }
        return { injection.tlsContext }
    }
}
