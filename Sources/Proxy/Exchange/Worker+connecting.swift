internal import Balancing
internal import Reactor
internal import Routing
internal import Telemetry

/// Connections to endpoints that take their time, after RFC 8305 ("Happy Eyeballs"): a connection that is not there
/// after a short head start goes on being made, but another endpoint is tried beside it, and the request takes
/// whichever comes first. A black hole then costs a request the head start and not the connect timeout, and an endpoint
/// that is merely far away nothing.
extension Worker {
    /// Gives the connection of an attempt a head start, if there is another endpoint to try after it.
    func giveHeadStart(_ upstream: Int32, _ exchange: Int32) {
        let e = exchanges[exchange]
        guard e.pointee.backend >= 0, !e.pointee.retained.isEmpty,
            e.pointee.attempts.mayFollowUnseen(endpoints: endpointCount(exchange))
        else { return }
        beginHeadStart(upstream)
    }

    func beginHeadStart(_ upstream: Int32) {
        connections[upstream].pointee.flags.insert(.hasHeadStart)
        arm(upstream)
    }

    /// The time after which another endpoint is tried beside this one. It doubles twice, so that endpoints that are all
    /// far away are not given up one after the other.
    func headStart(_ connection: Connection) -> UInt64 {
        let attempts =
            connection.exchange >= 0
            ? exchanges[connection.exchange].pointee.attempts
            : connection.peer >= 0 ? connections[connection.peer].pointee.attempts : FreeAttempts()
        let failed = attempts.failures
        return min(limits.connectTimeout, limits.connectHeadStart << UInt64(min(failed, 2)))
    }

    /// The head start is over: the connection becomes the rival of another attempt, if there is one to be made.
    func headStartEnded(_ index: Int32) {
        let connection = connections[index]
        connection.pointee.flags.remove(.hasHeadStart)
        arm(index)
        if connection.pointee.peer >= 0 {
            opaqueHeadStartEnded(index)
            return
        }
        let exchange = connection.pointee.exchange
        guard exchange >= 0, exchanges[exchange].pointee.upstream == index,
            let snapshot = snapshots.snapshot(exchanges[exchange].pointee.snapshot)
        else { return }
        let e = exchanges[exchange]
        let (table, backend) = endpoints(of: exchange, snapshot)
        // It has not failed; but the other attempt is to go elsewhere.
        _ = balancer.failed(connection.pointee.target.index, .stale, of: backend, in: table, now: now)
        guard mayTryAgain(exchange, .unseen), restartBody(exchange) else { return }
        releaseLoad(exchange)
        buffers.release(&connection.pointee.output)
        note(backend, in: table, isWantedFrom: index)
        dismissRival(exchange)
        e.pointee.rival = index
        e.pointee.upstream = -1
        sendRetained(beginAttempt(exchange, snapshot), exchange, snapshot)
    }

    /// The rival is there first: it gets the request, and what was tried beside it is on its own.
    func rivalConnected(_ index: Int32, _ exchange: Int32) {
        let e = exchanges[exchange]
        let other = e.pointee.upstream
        if other >= 0 {
            releaseLoad(exchange)
            if let snapshot = snapshots.snapshot(e.pointee.snapshot) {
                let (table, backend) = endpoints(of: exchange, snapshot)
                note(backend, in: table, isWantedFrom: other)
            }
            letGo(other)
        }
        _ = resumeRival(exchange)
    }

    /// Nothing else is left to try: the request waits for the connection that was slow to be made. False when there is
    /// none.
    func resumeRival(_ exchange: Int32) -> Bool {
        let e = exchanges[exchange]
        let rival = e.pointee.rival
        guard rival >= 0 else { return false }
        e.pointee.rival = -1
        e.pointee.upstream = rival
        e.pointee.endpoint = connections[rival].pointee.target.index
        e.pointee.remote = connections[rival].pointee.remote
        e.pointee.flags.insert(.holdsLoad)
        e.pointee.flags.remove(.isTrial)
        balancer.held(e.pointee.endpoint)
        let head = UnsafeRawBufferPointer(rebasing: e.pointee.retained.bytes.prefix(Int(e.pointee.retainedHead)))
        guard buffers.append(head, to: &connections[rival].pointee.output) else {
            fail(exchange, .overload)
            return true
        }
        afterHead(exchange)
        armExchange(exchange)
        return true
    }

    /// A connection is there, or the exchange is over: what is still being made beside it is on its own.
    func dismissRival(_ exchange: Int32) {
        let rival = exchanges[exchange].pointee.rival
        guard rival >= 0 else { return }
        exchanges[exchange].pointee.rival = -1
        letGo(rival)
    }

    /// A connection that is being made for nobody any more. It shows whether its endpoint is there, and may serve a
    /// later request.
    func letGo(_ index: Int32) {
        connections[index].pointee.exchange = -1
        connections[index].pointee.flags.remove(.hasHeadStart)
        buffers.release(&connections[index].pointee.output)
        arm(index)
    }

    /// A connection that was made for nobody is there.
    func lateConnected(_ index: Int32) {
        balancer.reached(connections[index].pointee.target.index, now: now)
        // An opaque one's endpoint may serve few, and speak first: it is not kept waiting.
        if connections[index].pointee.flags.contains(.unheard) { closeConnection(index) } else { putIdle(index) }
    }

    /// Makes a connection that nobody waits for, to see whether an endpoint is there again. False when there is no room
    /// for it.
    func probe(
        _ picked: EndpointStates.Picked, _ backend: Int32, in table: EndpointTable, for door: Door
    ) -> Bool {
        let address = SocketAddress(picked.address, port: picked.port)
        let target = Target.endpoint(picked.id)
        guard !isOwnDoor(address), !isOwnServer(address, door: door) else { return false }
        switch openUpstream(target, address: address, for: door, evicting: false) {
        case .exhausted: return false
        case .opened(let index): note(backend, in: table, isWantedFrom: index)
        case .refused: endpointFailed(picked.id, .refused, of: backend, in: table)
        }
        balancer.released(picked.id)
        return true
    }

    /// A connection that no request waits for, or not alone, could not be made.
    func lateRefused(_ index: Int32) {
        let connection = connections[index]
        if connection.pointee.exchange >= 0 { exchanges[connection.pointee.exchange].pointee.rival = -1 }
        let target = connection.pointee.target
        let backend = connection.pointee.numbering == snapshots.numbering ? connection.pointee.backend : -1
        dropIdle(target)
        closeConnection(index)
        // Without its backend nobody can say how many others of that are out: the next request that is sent there finds
        // out.
        guard backend >= 0, let table = snapshots.newest?.endpoints else { return }
        endpointFailed(target.index, .refused, of: backend, in: table)
    }

    /// Notes for which backend a connection is being made, to be judged by when no exchange knows it any more.
    private func note(_ backend: Int32, in table: EndpointTable, isWantedFrom upstream: Int32) {
        guard let newest = snapshots.newest?.endpoints else { return }
        let number = table === newest ? backend : newest.position(of: backend, in: table)
        connections[upstream].pointee.backend = number ?? -1
        connections[upstream].pointee.numbering = snapshots.numbering
    }

    // MARK: Connections that are there no more

    /// How long what was sent to an endpoint may lack an acknowledgement. A request that cannot be sent elsewhere waits
    /// for longer: for it all is lost with the connection.
    private func patience(_ exchange: Int32) -> UInt64 {
        let e = exchanges[exchange]
        let isRepeatable = e.pointee.flags.contains(.isIdempotent) && !e.pointee.retained.isEmpty
        return isRepeatable ? limits.upstreamAckTimeout : limits.upstreamAckTimeout &* Worker.unrepeatablePatience
    }

    static var unrepeatablePatience: UInt64 { 5 }

    /// Has it looked whether the endpoint acknowledges what is being sent, unless it has answered by then.
    func watchAcknowledgements(_ exchange: Int32) {
        exchanges[exchange].pointee.ackCheckAt = limits.upstreamAckTimeout > 0 ? now &+ patience(exchange) : 0
    }

    /// Nothing has been answered for a while. An endpoint that acknowledges is thinking; one that does not has
    /// vanished, or the way to it. (TCP_USER_TIMEOUT would take one that reads slowly for vanished as well.)
    func checkAcknowledgements(_ exchange: Int32) {
        let e = exchanges[exchange]
        e.pointee.ackCheckAt = 0
        let upstream = connections[e.pointee.upstream]
        guard let silence = Socket.unacknowledgedMilliseconds(upstream.pointee.fd) else {
            // From now on keepalive asks; but what is still to be sent may get lost as well.
            if !e.pointee.progress.isRequestSent { watchAcknowledgements(exchange) }
            armExchange(exchange)
            return
        }
        let patience = patience(exchange)
        // The kernel's clock is coarse, and what was sent just now cannot be acknowledged yet.
        let isSilent = (UInt64(silence) + 50) * ProxyLimits.millisecond >= patience
        guard isSilent, now &- upstream.pointee.lastActivity >= patience / 2 else {
            e.pointee.ackCheckAt = now &+ patience / 4
            armExchange(exchange)
            return
        }
        upstream.pointee.error = SystemError.vanished
        // Nor would it acknowledge the end.
        Socket.resetOnClose(upstream.pointee.fd)
        upstreamEnded(e.pointee.upstream)
    }
}
