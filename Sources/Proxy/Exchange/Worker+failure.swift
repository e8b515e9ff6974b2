internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// Responses of our own, and exchanges that cannot go on.
extension Worker {
    /// Ends an exchange for a reason of ours: an answer if the client has none yet, else the connection is cut so that
    /// it cannot take half a response for a whole one.
    func fail(_ exchange: Int32, _ flag: ResponseFlag) {
        let e = exchanges[exchange]
        // The client has its answer; what failed is the rest of its request.
        guard !e.pointee.progress.isResponseComplete else {
            finish(exchange)
            return
        }
        if flag.isEndpointsFault { endpointFailed(exchange, held(against: exchange, .cut, flag)) }
        guard e.pointee.progress.isResponseAwaited, flag != .clientDisconnect else {
            cut(exchange, flag)
            return
        }
        answer(exchange, flag)
    }

    /// The request's body violates the protocol or a limit.
    func fail(_ exchange: Int32, refusing rejection: Rejection) {
        let flag: ResponseFlag = rejection.isLimit ? .limit : .malformed
        guard !exchanges[exchange].pointee.progress.isResponseComplete else {
            finish(exchange)
            return
        }
        guard exchanges[exchange].pointee.progress.isResponseAwaited else {
            cut(exchange, flag)
            return
        }
        answer(exchange, flag, status: rejection.status, text: rejection.reason, closing: true)
    }

    /// Ends an exchange without an answer of ours, and the client's connection so that it cannot take half a response
    /// for a whole one.
    func cut(_ exchange: Int32, _ flag: ResponseFlag) {
        let e = exchanges[exchange]
        let client = e.pointee.client
        e.pointee.flag = flag
        dropUpstream(exchange)
        record(exchange)
        release(exchange)
        if connections[client].pointee.fd >= 0 {
            Socket.resetOnClose(connections[client].pointee.fd)
            closeConnection(client)
        }
    }

    /// Answers with what the flag stands for.
    func answer(_ exchange: Int32, _ flag: ResponseFlag) {
        let local = flag.localAnswer
        // Where the connection itself leads, nobody answers (any more): its client has to dial again, perhaps by name.
        // Not so at the inbound door, where the address is right and it is the workload that does not listen.
        let e = exchanges[exchange]
        let leadsNowhere =
            flag == .connectFailed && e.pointee.backend < 0 && connections[e.pointee.client].pointee.door == .outbound
        answer(
            exchange, flag, status: local.status, text: local.text,
            closing: flag == .clientTimeout || flag == .limit || flag == .listenerGone || leadsNowhere)
    }

    func answer(_ exchange: Int32, _ flag: ResponseFlag, status: Int, text: StaticString, closing: Bool) {
        var response = LocalResponse(status: status, text: text)
        response.closes = closing
        respond(exchange, flag, response, lines: nil)
    }

    func answerRedirect(_ exchange: Int32, _ redirect: Int32, _ request: RoutedRequest, _ routes: RouteTable) {
        let status = routes.redirectStatus(redirect)
        let client = connections[exchanges[exchange].pointee.client]
        let port = client.pointee.door == .gateway ? client.pointee.frontendPort : client.pointee.destination.port
        // The Location line is composed behind the room that the response itself takes.
        let room = UnsafeMutableRawBufferPointer(rebasing: answers[(answers.count / 2)...])
        var writer = ByteWriter(room)
        writer.append("location: ")
        let start = writer.count
        let length = routes.writeLocation(
            redirect, request.view, listenerPort: port, isTLS: client.pointee.tls != nil,
            into: UnsafeMutableRawBufferPointer(rebasing: room[start..<(room.count - 2)]))
        guard length > 0 else {
            answer(exchange, .invalidRule)
            return
        }
        room[start + length] = 0x0d
        room[start + length + 1] = 0x0a
        let lines = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<(start + length + 2)])
        respond(exchange, .local, LocalResponse(status: status, text: ""), lines: lines)
    }

    private func respond(
        _ exchange: Int32, _ flag: ResponseFlag, _ wanted: LocalResponse, lines: UnsafeRawBufferPointer?
    ) {
        let e = exchanges[exchange]
        let client = e.pointee.client
        dropUpstream(exchange)
        var response = wanted
        let flags = e.pointee.flags
        // An unread body would be taken for the next request.
        let bodyIsLeft = flags.contains(.hasBody) && !e.pointee.requestBody.isComplete
        // The answer does not promise an HTTP/1.0 client to stay, so that waits for the end of the connection.
        response.closes =
            wanted.closes || !flags.contains(.keepsClient) || flags.contains(.isHTTP10) || bodyIsLeft
            || endsClients(at: e.pointee.door)
        response.isHead = flags.contains(.isHead)
        response.isGRPC = flags.contains(.isGRPC)
        e.pointee.flag = flag
        e.pointee.status = UInt16(truncatingIfNeeded: response.status)
        e.pointee.reason = response.text
        e.pointee.responseBytes = response.bodyBytes
        var writer = ByteWriter(UnsafeMutableRawBufferPointer(rebasing: answers[..<(answers.count / 2)]))
        response.write(
            into: &writer, date: dateClock.date(now: now), lines: lines ?? failureLine(exchange, flag))
        record(exchange)
        release(exchange)
        connections[client].pointee.exchange = -1
        if case .failed = send(client, writer.written) {
            closeConnection(client)
            return
        }
        if response.closes {
            endClient(client)
        } else {
            connections[client].pointee.lastActivity = now
            connections[client].pointee.flags.remove(.partialHead)
            arm(client)
            if !connections[client].pointee.input.isEmpty || connections[client].pointee.flags.contains(.readable) {
                enqueue(client)
            }
        }
    }

    /// Tells the proxy that called what has become of its request at the application: an answer of ours is none of the
    /// application's.
    private func failureLine(_ exchange: Int32, _ flag: ResponseFlag) -> UnsafeRawBufferPointer? {
        let e = exchanges[exchange]
        guard e.pointee.door == .inbound, e.pointee.backend < 0, e.pointee.flags.contains(.isFromProxy) else {
            return nil
        }
        let isCut = flag.isEndpointsFault && !e.pointee.flags.contains(.isEndpointBlameless)
        let failure: EndpointFailure? = flag == .connectFailed ? .applicationDown : isCut ? .cut : nil
        return failure?.toldLine.map { UnsafeRawBufferPointer(start: $0.utf8Start, count: $0.utf8CodeUnitCount) }
    }

    func dropUpstream(_ exchange: Int32) {
        let e = exchanges[exchange]
        guard e.pointee.upstream >= 0 else { return }
        let upstream = e.pointee.upstream
        e.pointee.upstream = -1
        connections[upstream].pointee.exchange = -1
        // A reset, not an end of stream: the endpoint's side notices at once that nobody waits for the answer any more.
        Socket.resetOnClose(connections[upstream].pointee.fd)
        closeConnection(upstream)
    }
}

extension ResponseFlag {
    /// The endpoint had its chance and brought no whole answer.
    var isEndpointsFault: Bool {
        self == .upstreamReset || self == .upstreamBadResponse || self == .backendTimeout
    }

    /// The one place where a reason becomes a status and a text. Texts never name objects: they go to strangers.
    var localAnswer: (status: Int, text: StaticString) {
        switch self {
        case .noRoute: (404, "no route matches this request")
        case .badBackend: (500, "the route's backend cannot be resolved")
        case .invalidRule: (500, "the route's rule cannot be used")
        case .noEndpoint: (503, "no ready endpoint")
        case .connectFailed: (503, "no endpoint accepted a connection")
        case .upstreamReset: (502, "the endpoint closed the connection before it answered")
        case .upstreamBadResponse: (502, "the endpoint's response violates HTTP")
        case .requestTimeout: (504, "the route's request timeout has passed")
        case .backendTimeout: (504, "the route's backend request timeout has passed")
        case .upstreamIdle: (504, "the endpoint was silent for too long")
        case .clientTimeout: (408, "the request was not complete in time")
        case .malformed: (400, "the request violates HTTP")
        case .limit: (413, "the request is too large")
        case .misdirected: (421, "this connection does not serve that host")
        case .listenerGone: (421, "the listener of this connection is gone")
        case .denied: (403, "refused by policy")
        case .rateLimited: (429, "too many requests")
        case .overload: (503, "overloaded")
        case .draining: (503, "shutting down")
        case .loop: (508, "the request came back to where it started")
        case .none, .local, .clientDisconnect, .internalError: (500, "internal error")
        }
    }
}
