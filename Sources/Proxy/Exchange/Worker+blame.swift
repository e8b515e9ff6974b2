internal import Balancing
internal import Reactor
internal import Telemetry

/// Whether the endpoint is to blame for how an attempt ends, see `AttemptPace`.
extension Worker {
    /// The failure that is held against the endpoint: `failure`, or none where the client kept the exchange from going
    /// on. To be asked while the exchange still has its upstream connection.
    ///
    /// - Parameter flag: what the client is told.
    func held(against exchange: Int32, _ failure: EndpointFailure, _ flag: ResponseFlag) -> EndpointFailure {
        guard failure == .cut else { return failure }
        let pace = pace(exchanges[exchange].pointee)
        switch flag {
        case .backendTimeout where !pace.isEndpointLate: return .inconclusive
        case .upstreamReset where !pace.isEndEndpoints: return .inconclusive
        case .upstreamBadResponse where !pace.isAnswerEndpoints: return .inconclusive
        default: return failure
        }
    }

    private func pace(_ exchange: Exchange) -> AttemptPace {
        let isAnswerWaiting = !connections[exchange.client].pointee.output.isEmpty
        return AttemptPace(
            isRequestAwaited: !exchange.progress.isRequestSent && isClientAwaited(exchange),
            wasAnswerHeldUp: isAnswerWaiting || exchange.flags.contains(.heldUp),
            began: exchange.attemptAt,
            moved: exchange.upstream >= 0
                ? connections[exchange.upstream].pointee.lastActivity : exchange.attemptAt,
            now: now)
    }

    /// Notes whether the client has taken what came of its answer.
    func noteHeldUp(_ exchange: Int32) {
        let e = exchanges[exchange]
        if !connections[e.pointee.client].pointee.output.isEmpty { e.pointee.flags.insert(.heldUp) }
    }
}
