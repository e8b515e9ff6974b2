/// How far the two messages of an exchange have come, and what follows from each event. It knows no socket.
struct ExchangeProgress: BitwiseCopyable {
    private enum Request: UInt8, BitwiseCopyable {
        case streaming
        case sent
    }

    private enum Response: UInt8, BitwiseCopyable {
        case awaited
        case streaming
        case complete
    }

    /// What is to be done after an event.
    enum Action {
        case wait
        /// Both messages are whole: the upstream connection may serve again.
        case finish
        /// The response is whole before the request was, and nobody reads the rest of that: both connections end.
        case finishAndClose
        /// The endpoint went away within the response: the client must not take it for whole.
        case abortClient
    }

    private var request = Request.streaming
    private var response = Response.awaited

    var isRequestSent: Bool { request == .sent }
    var isResponseAwaited: Bool { response == .awaited }
    var isResponseStreaming: Bool { response == .streaming }
    /// The rest of the request is still on its way to an endpoint that has answered already.
    var isResponseComplete: Bool { response == .complete }

    mutating func requestSent() -> Action {
        request = .sent
        return response == .complete ? .finish : .wait
    }

    mutating func responseBegan() {
        response = .streaming
    }

    /// - Parameter endpointReadsOn: the endpoint keeps its connection, so that it takes the rest of a request that it
    ///   has answered.
    mutating func responseEnded(endpointReadsOn: Bool) -> Action {
        response = .complete
        if request == .sent { return .finish }
        return endpointReadsOn ? .wait : .finishAndClose
    }

    /// The upstream connection ended or failed after the response had begun.
    ///
    /// - Parameter endsResponse: the response is delimited by the end of the connection.
    mutating func upstreamClosed(endsResponse: Bool) -> Action {
        switch response {
        case .awaited: .abortClient
        case .streaming: endsResponse ? responseEnded(endpointReadsOn: false) : .abortClient
        case .complete: .finishAndClose
        }
    }

    /// Another attempt starts from the beginning of the (bodiless or unsent) request.
    mutating func restart(requestSent: Bool) {
        request = requestSent ? .sent : .streaming
        response = .awaited
    }
}
