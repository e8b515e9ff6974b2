internal import Reactor
internal import Telemetry

/// Deadlines: computed from what a connection is doing, stamped by activity, and looked at by the wheel.
extension Worker {
    /// Makes sure that the connection is looked at when its present deadline comes.
    func arm(_ index: Int32) {
        let due = deadline(of: index)
        guard due != UInt64.max else { return }
        wheel.arm(index, deadline: due, link: timerLink)
    }

    /// `arm` for an idle limit. Where those are beyond the wheel's horizon, as by default, a connection that is in the
    /// wheel already is looked at in time.
    func armIdle(_ index: Int32) {
        if connections[index].pointee.timer.slot < 0 || !hasDistantIdleLimits { arm(index) }
    }

    func expireTimers() {
        while let index = wheel.takeDue(now: now, link: timerLink) {
            if deadline(of: index) <= now {
                expire(index)
            } else {
                arm(index)
            }
        }
    }

    /// When the connection's present state ends by itself; `UInt64.max` for never.
    private func deadline(of index: Int32) -> UInt64 {
        let connection = connections[index]
        let since = connection.pointee.lastActivity
        switch connection.pointee.phase {
        case .handshaking: return connection.pointee.headStarted + limits.handshakeTimeout
        case .detecting: return since + limits.detectionWait
        case .discovering, .awaitingRoutes: return since + limits.discoveryWait
        case .awaitingTurn: return since + limits.headTimeout
        case .tunnel: return tunnelDeadline(index)
        case .lingering: return since + limits.lingerTimeout
        // The rest of a response: a client that pauses is a slow reader, not one that has gone.
        case .flushing: return untakenDeadline(connection.pointee) ?? (since + limits.bodyIdleTimeout)
        case .connecting where connection.pointee.flags.contains(.hasHeadStart):
            return since + headStart(connection.pointee)
        case .connecting: return since + limits.connectTimeout
        case .idle: return since + limits.upstreamIdleTimeout
        case .http:
            // An upstream connection in use is timed by its client's entry.
            guard connection.pointee.role == .client else { return UInt64.max }
            if connection.pointee.exchange >= 0 { return exchangeDeadline(connection.pointee.exchange) }
            if let due = untakenDeadline(connection.pointee) { return due }
            if connection.pointee.headStarted > 0 { return connection.pointee.headStarted + limits.headTimeout }
            if !connection.pointee.flags.contains(.reused) {
                return since + min(limits.firstByteTimeout, limits.clientIdleTimeout)
            }
            return since + limits.clientIdleTimeout
        }
    }

    private func tunnelDeadline(_ index: Int32) -> UInt64 {
        lastMovement(ofTunnel: connections[index].pointee) + limits.tunnelIdleTimeout
    }

    func lastMovement(ofTunnel connection: Connection) -> UInt64 {
        guard connection.peer >= 0 else { return connection.lastActivity }
        return max(connection.lastActivity, connections[connection.peer].pointee.lastActivity)
    }

    /// The nearest of the rule's timeouts and, while a body is on its way, the silence that is tolerated.
    private func exchangeDeadline(_ exchange: Int32) -> UInt64 {
        let e = exchanges[exchange]
        var due = UInt64.max
        if e.pointee.requestDeadline > 0 { due = e.pointee.requestDeadline }
        if e.pointee.attemptDeadline > 0 { due = min(due, e.pointee.attemptDeadline) }
        if isAckCheckPending(e.pointee) { due = min(due, e.pointee.ackCheckAt) }
        if e.pointee.flags.contains(.discovering) { return min(due, e.pointee.attemptAt + limits.discoveryWait) }
        // A client that has ended its stream may be gone for good: it is waited for no longer than a silent body.
        let clientEnded = connections[e.pointee.client].pointee.flags.contains(.peerClosed)
        if let untaken = untakenDeadline(connections[e.pointee.client].pointee) {
            due = min(due, untaken)
        } else if !e.pointee.progress.isRequestSent || e.pointee.progress.isResponseStreaming || clientEnded {
            due = min(due, lastMovement(e.pointee) + limits.bodyIdleTimeout)
        }
        if hasLeastRate(e.pointee) { due = min(due, e.pointee.bodyDeadline) }
        return due
    }

    private func isAckCheckPending(_ exchange: Exchange) -> Bool {
        exchange.ackCheckAt > 0 && exchange.upstream >= 0 && exchange.progress.isResponseAwaited
    }

    private func lastMovement(_ exchange: Exchange) -> UInt64 {
        var last = connections[exchange.client].pointee.lastActivity
        if exchange.upstream >= 0 { last = max(last, connections[exchange.upstream].pointee.lastActivity) }
        return last
    }

    private func expire(_ index: Int32) {
        let connection = connections[index]
        switch connection.pointee.phase {
        case .handshaking: handshakeTimedOut(index)
        case .detecting: detectionTimedOut(index)
        case .discovering: opaqueDiscoveryTimedOut(index)
        case .awaitingRoutes: routesTimedOut(index)
        case .awaitingTurn: turnTimedOut(index)
        case .tunnel: closeTunnel(index)
        case .flushing where lookAtUntaken(index): break
        case .lingering, .flushing: closeConnection(index)
        case .connecting where connection.pointee.flags.contains(.hasHeadStart): headStartEnded(index)
        case .connecting: connectFailed(index, timedOut: true)
        case .idle: discardIdle(index)
        case .http:
            if connection.pointee.exchange >= 0 {
                exchangeTimedOut(connection.pointee.exchange)
            } else if lookAtUntaken(index) {
                break
            } else if connection.pointee.headStarted > 0 {
                headTimedOut(index)
            } else {
                if !connection.pointee.flags.contains(.reused) {
                    shard.add(.firstByteTimeouts, connection.pointee.door)
                }
                closeOrderly(index)
            }
        }
    }

    private func exchangeTimedOut(_ exchange: Int32) {
        let e = exchanges[exchange]
        if e.pointee.requestDeadline > 0 && e.pointee.requestDeadline <= now {
            fail(exchange, .requestTimeout)
        } else if e.pointee.attemptDeadline > 0 && e.pointee.attemptDeadline <= now {
            fail(exchange, .backendTimeout)
        } else if e.pointee.flags.contains(.discovering) {
            discoveryTimedOut(exchange)
        } else if isAckCheckPending(e.pointee) && e.pointee.ackCheckAt <= now {
            checkAcknowledgements(exchange)
        } else if lookAtUntaken(e.pointee.client) {
            return
        } else if hasLeastRate(e.pointee) && e.pointee.bodyDeadline <= now {
            bodyTooSlow(exchange)
        } else if !e.pointee.progress.isRequestSent && e.pointee.progress.isResponseAwaited
            && !isBackPressured(e.pointee)
        {
            fail(exchange, .clientTimeout)
        } else {
            fail(exchange, .upstreamIdle)
        }
    }

    /// Whether the request's body has to keep to a rate: of one without a known length nobody knows how much of it
    /// there is to send.
    private func hasLeastRate(_ exchange: Exchange) -> Bool {
        exchange.bodyDeadline > 0 && !exchange.progress.isRequestSent && !exchange.flags.contains(.chunkedRequest)
    }

    /// The client, and not the endpoint, keeps the body from going on.
    func isClientAwaited(_ exchange: Exchange) -> Bool {
        exchange.upstream >= 0 && connections[exchange.upstream].pointee.phase == .http && !isBackPressured(exchange)
    }

    private func bodyTooSlow(_ exchange: Int32) {
        let e = exchanges[exchange]
        guard isClientAwaited(e.pointee) else {
            e.pointee.bodyDeadline = leastRate.firstDeadline(now: now)
            armExchange(exchange)
            return
        }
        fail(exchange, .clientTimeout)
    }

    /// The endpoint does not take the request's body as fast as the client sends it.
    private func isBackPressured(_ exchange: Exchange) -> Bool {
        exchange.upstream >= 0 && !connections[exchange.upstream].pointee.output.isEmpty
    }
}
