internal import ControlHTTP
internal import Injection
internal import Kubernetes
internal import Reactor
internal import TLS

/// The served API: what proxies read instead of the API server.
extension ControllerRuntime {
    /// - Parameter client: nil without a cluster, where nobody can look at tokens: then everybody is answered, which
    ///   the options must have allowed.
    func startServing(_ cache: ObjectCache, _ client: APIClient?) throws {
        guard let address = options.serve else { return }
        let authenticator: any Authenticator =
            if let client, !options.allowsAnonymous {
                tokenReviews(like: client)
            } else {
                AnonymousAuthenticator()
            }
        let api = ServedAPI(cache: cache, authenticator: authenticator, loop: loop, version: options.version)
        served = try HTTPServer(
            address: address, loop: loop, tls: try servingTLS(), limits: ServedAPILimits.server, handler: api.handle)
        servedAPI = api
        self.cache = cache
    }

    /// Whoever reaches the port can have tokens looked at: they wait in a queue of their own, so that the lease and the
    /// statuses do not wait behind them.
    private func tokenReviews(like client: APIClient) -> TokenReviewAuthenticator {
        let limits = TokenReviewAuthenticator.Limits()
        let reviewer = apiClient(client.configuration, loop: loop, connections: limits.reviewsAtOnce)
        return TokenReviewAuthenticator(
            transport: reviewer, audience: InjectionNames.fanOutAudience, limits: limits)
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
