/// Why a response is what it is when Weir, not the backend, decided it.
///
/// The labels are stable: dashboards and log queries depend on them. New reasons are added, none is renamed.
package enum ResponseFlag: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// The backend's own response, passed on whole.
    case none
    /// 404: no rule matches the request.
    case noRoute
    /// 500: the rule's backend does not resolve to anything usable, or the rule has none.
    case badBackend
    /// 500: the rule or one of its filters is unusable.
    case invalidRule
    /// 503: the backend has no ready endpoint.
    case noEndpoint
    /// 503: no connection to any tried endpoint could be made.
    case connectFailed
    /// 502: the endpoint closed or reset the connection before its response was whole.
    case upstreamReset
    /// 502: the endpoint's response violates the protocol.
    case upstreamBadResponse
    /// 504: the rule's request timeout passed.
    case requestTimeout
    /// 504: the rule's backend request timeout passed.
    case backendTimeout
    /// 504: the endpoint was silent for longer than the idle timeout.
    case upstreamIdle
    /// The client went away before the response was whole; no status was sent, or not all of it.
    case clientDisconnect
    /// 408: the client was too slow.
    case clientTimeout
    /// 400, 417, 501, 505: the request violates the protocol, or asks for what Weir does not speak.
    case malformed
    /// 413, 414, 431: the request exceeds a limit.
    case limit
    /// 421: the request does not belong on this connection.
    case misdirected
    /// 421: the listener that the connection came through is gone, and the connection ends with the answer.
    case listenerGone
    /// 403, 401 and the like: a policy refused the request.
    case denied
    /// 429: a rate limit refused the request.
    case rateLimited
    /// 503: Weir or the backend's circuit breaker is over its capacity.
    case overload
    /// 503: the process is draining.
    case draining
    /// 508 or 503: the request would have come back to where it started.
    case loop
    /// A response a rule asks for: redirect, direct response, CORS preflight.
    case local
    /// 500: Weir itself failed.
    case internalError

    /// The `flag` label and log field.
    package var label: StaticString {
        switch self {
        case .none: "none"
        case .noRoute: "no_route"
        case .badBackend: "bad_backend"
        case .invalidRule: "invalid_rule"
        case .noEndpoint: "no_endpoint"
        case .connectFailed: "connect_failed"
        case .upstreamReset: "upstream_reset"
        case .upstreamBadResponse: "upstream_bad_response"
        case .requestTimeout: "request_timeout"
        case .backendTimeout: "backend_timeout"
        case .upstreamIdle: "upstream_idle"
        case .clientDisconnect: "client_disconnect"
        case .clientTimeout: "client_timeout"
        case .malformed: "malformed"
        case .limit: "limit"
        case .misdirected: "misdirected"
        case .listenerGone: "listener_gone"
        case .denied: "denied"
        case .rateLimited: "rate_limited"
        case .overload: "overload"
        case .draining: "draining"
        case .loop: "loop"
        case .local: "local"
        case .internalError: "internal_error"
        }
    }
}
