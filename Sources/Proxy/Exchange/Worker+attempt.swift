internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// Attempts: which endpoint a request goes to, over which connection, and what follows when that brings no answer.
extension Worker {
    enum Attempt {
        case connected
        case connecting
        /// The backend's endpoints have to be read first.
        case undiscovered
        case failed(ResponseFlag)
    }

    // MARK: Beginning

    /// Picks an endpoint and gets a connection to it; another one at once where the first refuses at once.
    func beginAttempt(_ exchange: Int32, _ snapshot: Snapshot) -> Attempt {
        let e = exchanges[exchange]
        while true {
            e.pointee.attemptAt = now
            var picked: (Target, SocketAddress)?
            if e.pointee.backend < 0 {
                picked = directTarget(exchange)
            } else if snapshot.endpoints.isKnown(e.pointee.backend) {
                snapshot.endpoints.use(e.pointee.backend)
                picked = pickTarget(exchange, snapshot.endpoints, backend: e.pointee.backend)
            } else {
                snapshot.endpoints.use(e.pointee.backend)
                let (table, backend) = endpoints(of: exchange, snapshot)
                if table.isKnown(backend) {
                    picked = pickTarget(exchange, table, backend: backend)
                } else {
                    guard isDiscoveryPaused(backend, table) else { return .undiscovered }
                    picked = clusterTarget(backend, table)
                }
            }
            guard let (target, address) = picked else {
                return .failed(e.pointee.attempts.areUnderWay ? .connectFailed : .noEndpoint)
            }
            switch open(exchange, snapshot, target, address) {
            case .opened(let attempt): return attempt
            case .refused: guard mayTryAgain(exchange, .unseen) else { return .failed(.connectFailed) }
            }
        }
    }

    enum AttemptOpening {
        case opened(Attempt)
        /// The endpoint refused at once; its failure is noted.
        case refused
    }

    /// Gets a connection to a picked target: an idle one, or a new one. After a failure it is always a new one: that
    /// does not fail for having been idle.
    func open(
        _ exchange: Int32, _ snapshot: Snapshot, _ target: Target, _ address: SocketAddress
    ) -> AttemptOpening {
        let e = exchanges[exchange]
        e.pointee.remote = address
        guard !isOwnDoor(address) else {
            releaseLoad(exchange)
            shard.add(.loopRefusals)
            return .opened(.failed(.loop))
        }
        guard !isOwnServer(address, door: e.pointee.door) else {
            endpointFailed(exchange)
            return .refused
        }
        e.pointee.ackCheckAt = 0
        let timeout = backendTimeout(of: exchange, snapshot)
        e.pointee.attemptDeadline = timeout > 0 ? now &+ timeout : 0
        if !e.pointee.attempts.areUnderWay,
            let idle = takeBound(exchange, address: address) ?? takeIdle(target, address: address)
        {
            attach(exchange, idle)
            watchAcknowledgements(exchange)
            return .opened(.connected)
        }
        switch openUpstream(target, address: address, for: e.pointee.door) {
        case .opened(let opened):
            attach(exchange, opened)
            giveHeadStart(opened, exchange)
            return .opened(.connecting)
        case .exhausted:
            releaseLoad(exchange)
            return .opened(.failed(.overload))
        case .refused:
            dropIdle(target)
            endpointFailed(exchange)
            return .refused
        }
    }

    private func attach(_ exchange: Int32, _ upstream: Int32) {
        exchanges[exchange].pointee.upstream = upstream
        connections[upstream].pointee.exchange = exchange
    }

    // MARK: Picking

    /// The connection's own destination.
    private func directTarget(_ exchange: Int32) -> (Target, SocketAddress) {
        let destination = connections[exchanges[exchange].pointee.client].pointee.destination
        return (directTarget(destination), destination)
    }

    /// - Parameter backend: the exchange's backend as `endpoints` numbers it.
    private func pickTarget(
        _ exchange: Int32, _ endpoints: EndpointTable, backend: Int32
    ) -> (Target, SocketAddress)? {
        let e = exchanges[exchange]
        if !e.pointee.attempts.areUnderWay, let bound = boundTarget(exchange, endpoints, backend: backend) {
            e.pointee.endpoint = bound.target.index
            e.pointee.flags.remove(.isTrial)
            return bound
        }
        // Where the rules allow only to repeat it, a request may do so at the endpoint that it was at, for want of
        // others.
        let avoiding = e.pointee.attempts.since
        let isRepeatable = e.pointee.flags.contains(.isIdempotent) && !e.pointee.flags.contains(.hasBody)
        guard
            let picked = pick(
                backend, in: endpoints, avoiding: avoiding, isRepeatable: isRepeatable, for: e.pointee.door)
                ?? (e.pointee.attempts.isRepetition
                    ? balancer.pick(backend, in: endpoints, random: random.next(), now: now) : nil)
        else { return nil }
        e.pointee.endpoint = picked.id
        e.pointee.flags.insert(.holdsLoad)
        if picked.isTrial { e.pointee.flags.insert(.isTrial) } else { e.pointee.flags.remove(.isTrial) }
        return (.endpoint(picked.id), SocketAddress(picked.address, port: picked.port))
    }

    /// Picks an endpoint. One that took no connection when it was last tried is tried by a connection alone, while the
    /// request goes elsewhere.
    func pick(
        _ backend: Int32, in endpoints: EndpointTable, avoiding: UInt64, isRepeatable: Bool, for door: Door
    ) -> EndpointStates.Picked? {
        var probes = 0
        while true {
            let picked = balancer.pick(
                backend, in: endpoints, random: random.next(), now: now, avoiding: avoiding,
                isRepeatable: isRepeatable, mayProbe: probes < Worker.probesPerPick)
            guard let picked, picked.needsConnection, probe(picked, backend, in: endpoints, for: door) else {
                return picked
            }
            probes += 1
        }
    }

    /// Endpoints that one request has tried on its way. After an outage all of them may be due.
    static var probesPerPick: Int { 2 }

    /// Where the endpoints of an exchange's backend are looked up: in its own snapshot, or where they were not read
    /// when that was made, in the newest.
    func endpoints(of exchange: Int32, _ snapshot: Snapshot) -> (table: EndpointTable, backend: Int32) {
        let own = exchanges[exchange].pointee.backend
        guard !snapshot.endpoints.isKnown(own), let newest = snapshots.newest?.endpoints,
            newest !== snapshot.endpoints, let backend = newest.position(of: own, in: snapshot.endpoints),
            newest.isKnown(backend)
        else { return (snapshot.endpoints, own) }
        return (newest, backend)
    }

    func releaseLoad(_ exchange: Int32) {
        let e = exchanges[exchange]
        guard e.pointee.flags.contains(.holdsLoad) else { return }
        e.pointee.flags.remove(.holdsLoad)
        balancer.released(e.pointee.endpoint)
    }

    // MARK: Judging

    /// What an answer that begins says of the endpoint. False when it is not one for the client, and the exchange has
    /// gone on elsewhere or has been answered.
    func judgeAnswer(_ exchange: Int32, _ head: UnsafeRawBufferPointer) -> Bool {
        let e = exchanges[exchange]
        guard e.pointee.flags.contains(.holdsLoad) else { return true }
        if let told = toldFailure(exchange, head) {
            let failure = held(against: exchange, told, .upstreamReset)
            dropUpstream(exchange)
            attemptEnded(exchange, failure, or: told == .cut ? .upstreamReset : .connectFailed)
            return false
        }
        if balancer.answered(e.pointee.endpoint, isError: responseHead.status >= 400, now: now) {
            tell(of: e.pointee.endpoint)
        }
        return true
    }

    /// What the endpoint's own proxy says of its application, when the answer is not the application's. Hosts outside
    /// of the cluster have no such proxy.
    private func toldFailure(_ exchange: Int32, _ head: UnsafeRawBufferPointer) -> EndpointFailure? {
        guard let field = responseHead.fields.firstIndex(of: .weirFailure) else { return nil }
        let e = exchanges[exchange]
        guard let snapshot = snapshots.snapshot(e.pointee.snapshot), snapshot.endpoints.isService(e.pointee.backend)
        else { return nil }
        return EndpointFailure(
            told: UnsafeRawBufferPointer(rebasing: head[responseHead.fields[field].value.range]))
    }

    /// The endpoint of an exchange has failed it.
    func endpointFailed(_ exchange: Int32, _ failure: EndpointFailure = .refused) {
        let e = exchanges[exchange]
        if failure == .inconclusive {
            e.pointee.flags.insert(.isEndpointBlameless)
        } else {
            e.pointee.flags.remove(.isEndpointBlameless)
        }
        guard e.pointee.flags.contains(.holdsLoad) else { return }
        releaseLoad(exchange)
        guard let snapshot = snapshots.snapshot(e.pointee.snapshot) else { return }
        let (table, backend) = endpoints(of: exchange, snapshot)
        endpointFailed(e.pointee.endpoint, failure, of: backend, in: table)
    }

    func endpointFailed(_ endpoint: Int32, _ failure: EndpointFailure, of backend: Int32, in table: EndpointTable) {
        guard balancer.failed(endpoint, failure, of: backend, in: table, now: now) else { return }
        if balancer.standing(endpoint) == .ejected { shard.add(.ejections) }
        tell(of: endpoint)
    }

    /// Tells the other workers of an endpoint whose standing has changed.
    func tell(of endpoint: Int32) {
        if let report = balancer.report(endpoint) { reports.add(report) }
    }

    /// Takes over what other workers have found out.
    func adoptReports() {
        let count = reports.count
        guard count != adoptedReports else { return }
        for report in reports.added(after: adoptedReports) {
            balancer.adopt(report)
            if report.standing != .well { dropIdle(.endpoint(report.id)) }
        }
        adoptedReports = count
    }

    // MARK: Failing

    /// Notes that an attempt has ended so; true when another may follow.
    func mayTryAgain(_ exchange: Int32, _ end: FreeAttempts.End) -> Bool {
        let e = exchanges[exchange]
        guard
            e.pointee.attempts.mayFollow(
                end, isIdempotent: e.pointee.flags.contains(.isIdempotent), isWhole: !e.pointee.retained.isEmpty,
                endpoints: endpointCount(exchange), now: now)
        else { return false }
        shard.add(.rePicks)
        return true
    }

    /// Addresses that a request may be tried at.
    func endpointCount(_ exchange: Int32) -> Int {
        guard exchanges[exchange].pointee.backend >= 0,
            let snapshot = snapshots.snapshot(exchanges[exchange].pointee.snapshot)
        else { return 1 }
        let (table, backend) = endpoints(of: exchange, snapshot)
        // Behind a Service's own address there may be any number.
        return table.isKnown(backend) ? table.endpoints(backend).count : 2
    }

    /// An attempt has brought no answer, and its connection is closed: another follows if that is free, else the client
    /// is told.
    func attemptEnded(_ exchange: Int32, _ failure: EndpointFailure, or flag: ResponseFlag, mayRepeat: Bool = true) {
        let e = exchanges[exchange]
        let end = FreeAttempts.end(failure, isTrial: e.pointee.flags.contains(.isTrial))
        endpointFailed(exchange, failure)
        guard mayTryAgain(exchange, mayRepeat ? end : .final),
            let snapshot = snapshots.snapshot(e.pointee.snapshot)
        else {
            if !resumeRival(exchange) { answer(exchange, flag) }
            return
        }
        guard restartBody(exchange) else {
            answer(exchange, flag)
            return
        }
        sendRetained(beginAttempt(exchange, snapshot), exchange, snapshot)
    }

    /// A connection could not be made: no byte has left.
    func connectFailed(_ index: Int32, timedOut: Bool) {
        let connection = connections[index]
        shard.add(timedOut ? .connectTimeouts : .connectFailures)
        if connection.pointee.peer >= 0 {
            tunnelRefused(index)
            return
        }
        let exchange = connection.pointee.exchange
        guard exchange >= 0, exchanges[exchange].pointee.upstream == index else {
            lateRefused(index)
            return
        }
        exchanges[exchange].pointee.upstream = -1
        dropIdle(connection.pointee.target)
        closeConnection(index)
        attemptEnded(exchange, .refused, or: .connectFailed)
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
        guard !e.pointee.progress.isResponseComplete else {
            finish(exchange)
            return
        }
        guard e.pointee.progress.isResponseAwaited else {
            let endsResponse = connection.pointee.flags.contains(.readEnded) && e.pointee.responseBody.endOfInput()
            switch e.pointee.progress.upstreamClosed(endsResponse: endsResponse) {
            case .finish, .finishAndClose: endCloseDelimited(exchange)
            default: fail(exchange, .upstreamReset)
            }
            return
        }
        let failure: EndpointFailure =
            connection.pointee.hasVanished
            ? .vanished
            : connection.pointee.flags.contains(.reused) ? .stale : held(against: exchange, .cut, .upstreamReset)
        let isUnanswered = connection.pointee.input.isEmpty
        e.pointee.upstream = -1
        // What else is pooled to that address is of the same age, and no better.
        if failure == .vanished || failure == .stale { dropIdle(connection.pointee.target) }
        closeConnection(index)
        attemptEnded(exchange, failure, or: .upstreamReset, mayRepeat: isUnanswered)
    }
}

extension Connection {
    /// The transfer that failed did so because the other side acknowledges nothing any more, or no way leads to it.
    var hasVanished: Bool { SystemError.isVanishing(error) }
}
