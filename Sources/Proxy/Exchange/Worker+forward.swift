internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// From a decision to bytes on an endpoint's connection.
extension Worker {
    func forward(_ exchange: Int32, _ request: inout RoutedRequest, _ snapshot: Snapshot) {
        let e = exchanges[exchange]
        var writer = ByteWriter(headRoom)
        composeRequest(exchange, request, snapshot, into: &writer)
        guard !writer.overflowed else {
            request.consumed = request.bytes.count
            answer(
                exchange, .limit, status: 431, text: "the head is too large once the route has edited it", closing: true
            )
            return
        }
        if let rule = ruleTimeouts(e.pointee.rule, snapshot.routes), rule > 0 {
            e.pointee.attemptDeadline = now &+ rule
        }
        let head = writer.written
        request.consumed = request.headLength
        switch beginAttempt(exchange, snapshot, head: head, retain: true) {
        case .failed(let flag):
            answer(exchange, flag)
        case .undiscovered:
            var waiting = ByteBuffer()
            guard buffers.append(head, to: &waiting) else {
                fail(exchange, .overload)
                return
            }
            awaitDiscovery(exchange, snapshot, waiting: waiting)
        case .connecting:
            guard case .sent = sendLater(exchange, head) else {
                fail(exchange, .overload)
                return
            }
            afterHead(exchange)
        case .connected:
            feedAfterHead(exchange, &request, head: head)
        }
        if connections[e.pointee.client].pointee.fd >= 0 && e.pointee.client >= 0 { armExchange(exchange) }
    }

    /// Room for a composed head; the rest of `outgoing` takes framed body behind it.
    private var headRoom: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: outgoing[..<Worker.largestComposedHead])
    }

    static var largestComposedHead: Int { 96 << 10 }

    private func ruleTimeouts(_ rule: Int32, _ routes: RouteTable) -> UInt64? {
        rule >= 0 ? routes.rulePointer(rule).pointee.backendTimeout : nil
    }

    func armExchange(_ exchange: Int32) {
        let client = exchanges[exchange].pointee.client
        if client >= 0, connections[client].pointee.exchange == exchange { arm(client) }
    }

    // MARK: Attempts

    enum Attempt {
        case connected
        case connecting
        /// The backend's endpoints have to be read first.
        case undiscovered
        case failed(ResponseFlag)
    }

    /// Picks an endpoint and gets a connection to it.
    private func beginAttempt(
        _ exchange: Int32, _ snapshot: Snapshot, head: UnsafeRawBufferPointer, retain: Bool, excluding: Int32 = -1
    ) -> Attempt {
        let e = exchanges[exchange]
        e.pointee.attemptAt = now
        var picked: (Target, SocketAddress)?
        if e.pointee.backend >= 0 && snapshot.endpoints.isLazy {
            snapshot.endpoints.use(e.pointee.backend)
            if !snapshot.endpoints.isKnown(e.pointee.backend) {
                guard isDiscoveryPaused(e.pointee.backend, snapshot.endpoints) else { return .undiscovered }
                picked = clusterTarget(e.pointee.backend, snapshot.endpoints)
            }
        }
        picked =
            picked
            ?? pickTarget(exchange, snapshot.endpoints, backend: e.pointee.backend, excluding: excluding)
        guard let (target, address) = picked else { return .failed(excluding >= 0 ? .connectFailed : .noEndpoint) }
        switch open(exchange, target, address, head: head, retain: retain) {
        case .opened(let attempt): return attempt
        case .refused:
            guard e.pointee.backend >= 0, !e.pointee.flags.contains(.rePicked) else { return .failed(.connectFailed) }
            e.pointee.flags.insert(.rePicked)
            shard.add(.rePicks)
            return beginAttempt(exchange, snapshot, head: head, retain: retain, excluding: e.pointee.endpoint)
        }
    }

    enum AttemptOpening {
        case opened(Attempt)
        /// The endpoint refused at once; its failure is noted.
        case refused
    }

    /// Gets a connection to a picked target: an idle one, or a new one.
    func open(
        _ exchange: Int32, _ target: Target, _ address: SocketAddress, head: UnsafeRawBufferPointer, retain: Bool
    ) -> AttemptOpening {
        let e = exchanges[exchange]
        guard !isOwnDoor(address) else {
            releaseLoad(exchange)
            shard.add(.loopRefusals)
            return .opened(.failed(.loop))
        }
        guard !isOwnServer(address, door: e.pointee.door) else {
            endpointFailed(exchange)
            return .refused
        }
        if let idle = takeIdle(target, address: address) {
            attach(exchange, idle)
            if retain && !e.pointee.flags.contains(.hasBody) { _ = buffers.append(head, to: &e.pointee.retained) }
            return .opened(.connected)
        }
        switch openUpstream(target, address: address, for: e.pointee.door) {
        case .opened(let opened):
            attach(exchange, opened)
            return .opened(.connecting)
        case .exhausted:
            releaseLoad(exchange)
            return .opened(.failed(.overload))
        case .refused:
            endpointFailed(exchange)
            return .refused
        }
    }

    private func attach(_ exchange: Int32, _ upstream: Int32) {
        exchanges[exchange].pointee.upstream = upstream
        connections[upstream].pointee.exchange = exchange
    }

    /// - Parameter backend: the exchange's backend as `endpoints` numbers it; -1 for the connection's own destination.
    func pickTarget(
        _ exchange: Int32, _ endpoints: EndpointTable, backend: Int32, excluding: Int32
    ) -> (Target, SocketAddress)? {
        let e = exchanges[exchange]
        guard backend >= 0 else {
            let destination = connections[e.pointee.client].pointee.destination
            return (pools.directTarget(destination) ?? .none, destination)
        }
        guard
            let picked = balancer.pick(
                backend, in: endpoints, random: random.next(), now: now, excluding: excluding)
        else { return nil }
        e.pointee.endpoint = picked.id
        e.pointee.flags.insert(.holdsLoad)
        return (.endpoint(picked.id), SocketAddress(picked.address, port: picked.port))
    }

    // MARK: Sending

    private func sendLater(_ exchange: Int32, _ head: UnsafeRawBufferPointer) -> BodyFeed.Sent {
        let upstream = connections[exchanges[exchange].pointee.upstream]
        return buffers.append(head, to: &upstream.pointee.output) ? .sent : .failed
    }

    /// The head is on its way; without a body so is the whole request.
    func afterHead(_ exchange: Int32) {
        let e = exchanges[exchange]
        if !e.pointee.flags.contains(.hasBody) { _ = e.pointee.progress.requestSent() }
    }

    private func feedAfterHead(_ exchange: Int32, _ request: inout RoutedRequest, head: UnsafeRawBufferPointer) {
        let e = exchanges[exchange]
        guard e.pointee.flags.contains(.hasBody) else {
            // Before the send, whose failure may begin another attempt: that one has the whole request as well.
            afterHead(exchange)
            if case .failed = send(e.pointee.upstream, head) { upstreamEnded(e.pointee.upstream) }
            return
        }
        let body = UnsafeRawBufferPointer(rebasing: request.bytes[request.headLength...])
        request.consumed = request.headLength + feedRequestBody(exchange, body, prefix: head.count)
    }

    /// The connection that was being made is there.
    func connected(exchange: Int32) {
        let e = exchanges[exchange]
        if e.pointee.flags.contains(.holdsLoad) { balancer.connected(e.pointee.endpoint) }
        if e.pointee.flags.contains(.hasBody) { enqueue(e.pointee.client) }
    }

    /// The endpoint's socket takes bytes: what waits for it goes out, and the client is read on.
    func upstreamWritable(_ index: Int32) {
        guard flushOutput(index) else {
            upstreamEnded(index)
            return
        }
        let connection = connections[index]
        let exchange = connection.pointee.exchange
        guard exchange >= 0, connection.pointee.output.isEmpty else { return }
        if !exchanges[exchange].pointee.progress.isRequestSent { enqueue(exchanges[exchange].pointee.client) }
    }

    // MARK: Failures of an attempt

    /// A connection could not be made: another endpoint is tried once, since no byte has left.
    func connectFailed(_ index: Int32, timedOut: Bool) {
        let connection = connections[index]
        shard.add(timedOut ? .connectTimeouts : .connectFailures)
        let exchange = connection.pointee.exchange
        guard exchange >= 0 else {
            tunnelRefused(index)
            return
        }
        let e = exchanges[exchange]
        endpointFailed(exchange)
        // The bytes that wait for the connection move to the next one.
        var waiting = connection.pointee.output
        connection.pointee.output = ByteBuffer()
        e.pointee.upstream = -1
        closeConnection(index)
        guard e.pointee.backend >= 0, !e.pointee.flags.contains(.rePicked) else {
            buffers.release(&waiting)
            answer(exchange, .connectFailed)
            return
        }
        rePick(exchange, waiting: &waiting, excluding: e.pointee.endpoint)
    }

    private func rePick(_ exchange: Int32, waiting: inout ByteBuffer, excluding: Int32) {
        let e = exchanges[exchange]
        e.pointee.flags.insert(.rePicked)
        shard.add(.rePicks)
        guard let snapshot = snapshots.snapshot(e.pointee.snapshot) else { return }
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        continueWith(
            beginAttempt(exchange, snapshot, head: empty, retain: false, excluding: excluding), exchange, snapshot,
            waiting: &waiting)
    }

    /// Goes on after an attempt whose composed request is `waiting`.
    func continueWith(_ attempt: Attempt, _ exchange: Int32, _ snapshot: Snapshot, waiting: inout ByteBuffer) {
        let e = exchanges[exchange]
        switch attempt {
        case .failed(let flag):
            buffers.release(&waiting)
            answer(exchange, flag)
        case .undiscovered:
            awaitDiscovery(exchange, snapshot, waiting: waiting)
        case .connecting:
            connections[e.pointee.upstream].pointee.output = waiting
            armExchange(exchange)
        case .connected:
            connections[e.pointee.upstream].pointee.output = waiting
            upstreamWritable(e.pointee.upstream)
            armExchange(exchange)
        }
    }

    private func endpointFailed(_ exchange: Int32) {
        let e = exchanges[exchange]
        guard e.pointee.flags.contains(.holdsLoad) else { return }
        e.pointee.flags.remove(.holdsLoad)
        if balancer.failed(e.pointee.endpoint, now: now) { shard.add(.ejections) }
    }

    /// The endpoint's connection ended or failed while it served an exchange.
    func upstreamEnded(_ index: Int32) {
        let connection = connections[index]
        let exchange = connection.pointee.exchange
        guard exchange >= 0 else {
            closeConnection(index)
            return
        }
        let e = exchanges[exchange]
        let mayRepeat =
            connection.pointee.flags.contains(.reused) && e.pointee.flags.contains(.isIdempotent)
            && !e.pointee.flags.contains(.rePicked) && !e.pointee.retained.isEmpty
            && connection.pointee.input.isEmpty
        let endsResponse = connection.pointee.flags.contains(.readEnded) && e.pointee.responseBody.endOfInput()
        switch e.pointee.progress.upstreamClosed(mayRepeat: mayRepeat, endsResponse: endsResponse) {
        case .tryAnother:
            var waiting = e.pointee.retained
            e.pointee.retained = ByteBuffer()
            e.pointee.upstream = -1
            closeConnection(index)
            releaseLoad(exchange)
            rePick(exchange, waiting: &waiting, excluding: -1)
        case .answerBadGateway: fail(exchange, .upstreamReset)
        case .abortClient: fail(exchange, .upstreamReset)
        case .finish, .finishAndClose: endCloseDelimited(exchange)
        case .wait: break
        }
    }

    func releaseLoad(_ exchange: Int32) {
        let e = exchanges[exchange]
        guard e.pointee.flags.contains(.holdsLoad) else { return }
        e.pointee.flags.remove(.holdsLoad)
        balancer.released(e.pointee.endpoint)
    }
}
