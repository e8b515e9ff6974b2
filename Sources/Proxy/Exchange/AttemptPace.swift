/// Who was waited for in an attempt that has come to nothing. An endpoint is judged by what it had the time and the
/// means for: else a client that stalls within its request, or does not take its answer, could have any endpoint taken
/// for one that fails.
struct AttemptPace {
    /// The endpoint has taken all that has come of the request, and the client owes the rest.
    var isRequestAwaited: Bool
    /// The answer has had to wait for the client.
    var wasAnswerHeldUp: Bool
    /// When the attempt began.
    var began: UInt64
    /// When the last byte went to the endpoint or came from it, or its connection began.
    var moved: UInt64
    var now: UInt64

    /// A client that owes the rest of its request for so long has stalled: endpoints give up at some time.
    static let stall = 100 * ProxyLimits.millisecond

    /// The endpoint is to blame that the time of the attempt was up: it was what was waited for in the end, and for at
    /// least half of it. One that has gone on reading or answering has done what it could.
    var isEndpointLate: Bool {
        !isRequestAwaited && !wasAnswerHeldUp && silence >= (Swift.max(now, began) &- began) / 2
    }

    /// The endpoint is to blame that its connection ended.
    var isEndEndpoints: Bool {
        !wasAnswerHeldUp && !(isRequestAwaited && silence >= AttemptPace.stall)
    }

    /// The endpoint is to blame that its answer cannot be used: it is none to a request of which it has only had a
    /// part.
    var isAnswerEndpoints: Bool { !isRequestAwaited }

    private var silence: UInt64 { Swift.max(now, moved) &- moved }
}
