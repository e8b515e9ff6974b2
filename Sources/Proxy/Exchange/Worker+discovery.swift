internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// The first use of a Service: its endpoints are read only now, and what is meant for them waits. It never fails for
/// that: when they do not come in time, the cluster's own address of the Service is as good.
///
/// Its routes are compiled only now as well, and there is nothing as good as them: without them the request is answered
/// 503.
extension Worker {
    // MARK: Waiting

    /// Keeps a composed request until its backend's endpoints are known.
    func awaitDiscovery(_ exchange: Int32, _ snapshot: Snapshot) {
        let e = exchanges[exchange]
        guard !e.pointee.retained.isEmpty else {
            fail(exchange, .overload)
            return
        }
        e.pointee.flags.insert(.discovering)
        e.pointee.attemptAt = now
        // The wait is none of the attempt's time.
        e.pointee.attemptDeadline = 0
        ask(for: e.pointee.backend, in: snapshot.endpoints, client: e.pointee.client)
    }

    func awaitOpaqueDiscovery(_ index: Int32, _ endpoints: EndpointTable, _ backend: Int32) {
        let client = connections[index]
        client.pointee.phase = .discovering
        client.pointee.lastActivity = now
        ask(for: backend, in: endpoints, client: index)
    }

    /// How long requests go to the ClusterIP at once after one has waited in vain: an API server that is away must not
    /// cost each of them the wait.
    private static let discoveryPause = 10 * ProxyLimits.second
    /// Entries of clients that wait no more are cleared away when there are this many, or twice those that were left.
    private static let undiscoveredRoom = 64

    /// Whether requests to a backend whose endpoints are not known go to its ClusterIP without a wait.
    func isDiscoveryPaused(_ backend: Int32, _ endpoints: EndpointTable) -> Bool {
        guard let until = discoveryPauses[backend], endpoints === snapshots.newest?.endpoints else { return false }
        return now < until
    }

    /// A connection of an exchange straight to the ClusterIP; nil when the backend has none.
    func clusterTarget(_ backend: Int32, _ endpoints: EndpointTable) -> (Target, SocketAddress)? {
        guard let frontend = endpoints.frontend(of: backend) else { return nil }
        let address = SocketAddress(frontend.address, port: frontend.port)
        return (directTarget(address), address)
    }

    private func ask(for backend: Int32, in endpoints: EndpointTable, client: Int32) {
        remember(client)
        if let service = endpoints.service(of: backend) { demand.ask(for: service) }
        arm(client)
    }

    /// A client that waits for a snapshot.
    private func remember(_ client: Int32) {
        shard.add(.discoveryWaits)
        if undiscovered.count >= undiscovered.capacity && undiscovered.count >= Self.undiscoveredRoom {
            undiscovered.removeAll { !isWaiting(Token(rawValue: $0)) }
            undiscovered.reserveCapacity(undiscovered.count * 2)
        }
        undiscovered.append(
            Token(.connection, index: client, generation: connections[client].pointee.generation).rawValue)
    }

    // MARK: Waiting for routes

    /// Puts a request back whose Service has routes that nobody needed so far: it is read again when they are compiled.
    func awaitRoutes(_ exchange: Int32, _ snapshot: Snapshot) {
        let client = exchanges[exchange].pointee.client
        let backend = snapshot.routes.frontend(exchanges[exchange].pointee.frontend).backend
        release(exchange)
        connections[client].pointee.exchange = -1
        connections[client].pointee.phase = .awaitingRoutes
        connections[client].pointee.lastActivity = now
        remember(client)
        if let service = snapshot.endpoints.service(of: backend) { demand.ask(forRoutesOf: service) }
        arm(client)
    }

    /// Whether the Service that the connection was made to has routes that are not compiled.
    private func areRoutesDeferred(_ client: Int32, _ routes: RouteTable) -> Bool {
        let destination = connections[client].pointee.destination
        let service = routes.service(address: destination.ip, port: destination.port)
        return service >= 0 && routes.frontend(service).isDeferred
    }

    /// The routes did not come in time. Without them nobody knows where the request may go, so it goes nowhere.
    func routesTimedOut(_ index: Int32) {
        shard.add(.discoveryTimeouts)
        var response = LocalResponse(status: 503, text: "the service's routes are not ready")
        response.closes = true
        answerUnrouted(index, response, .overload)
    }

    // MARK: Going on

    /// A snapshot has come: whatever has its endpoints in it goes on.
    func serveDiscovered() {
        discoveryPauses.removeAll()
        guard !undiscovered.isEmpty else { return }
        let waiting = undiscovered
        undiscovered.removeAll(keepingCapacity: true)
        for value in waiting {
            let token = Token(rawValue: value)
            if isWaiting(token) && !goOn(token.index) { undiscovered.append(value) }
        }
    }

    var isAnybodyWaiting: Bool { undiscovered.contains { isWaiting(Token(rawValue: $0)) } }

    private func isWaiting(_ token: Token) -> Bool {
        let connection = connections[token.index]
        guard connection.pointee.fd >= 0, connection.pointee.generation & Token.generationMask == token.generation
        else {
            return false
        }
        if connection.pointee.phase == .discovering || connection.pointee.phase == .awaitingRoutes { return true }
        let exchange = connection.pointee.exchange
        return exchange >= 0 && exchanges[exchange].pointee.flags.contains(.discovering)
    }

    /// False when there is still nothing to go on with.
    private func goOn(_ client: Int32) -> Bool {
        guard let newest = snapshots.newest else { return false }
        if connections[client].pointee.phase == .awaitingRoutes {
            if areRoutesDeferred(client, newest.routes) { return false }
            connections[client].pointee.phase = .http
            enqueue(client)
            return true
        }
        if connections[client].pointee.phase == .discovering {
            let destination = connections[client].pointee.destination
            let service = newest.routes.service(address: destination.ip, port: destination.port)
            guard service < 0 || newest.endpoints.isKnown(newest.routes.frontend(service).backend) else { return false }
            openOpaque(client)
            enqueue(client)
            return true
        }
        let exchange = connections[client].pointee.exchange
        let e = exchanges[exchange]
        guard let snapshot = snapshots.snapshot(e.pointee.snapshot) else { return false }
        // The routes may have changed meanwhile: the request keeps its own, but their endpoints are read no more.
        guard let backend = newest.endpoints.position(of: e.pointee.backend, in: snapshot.endpoints) else {
            leaveDiscovery(exchange)
            answer(exchange, .noEndpoint)
            return true
        }
        guard newest.endpoints.isKnown(backend) else { return false }
        leaveDiscovery(exchange)
        sendRetained(beginAttempt(exchange, snapshot), exchange, snapshot)
        return true
    }

    private func leaveDiscovery(_ exchange: Int32) {
        exchanges[exchange].pointee.flags.remove(.discovering)
    }

    // MARK: The end of waiting

    /// The endpoints did not come in time: the request goes where the cluster itself would take it.
    func discoveryTimedOut(_ exchange: Int32) {
        let e = exchanges[exchange]
        shard.add(.discoveryTimeouts)
        leaveDiscovery(exchange)
        guard let snapshot = snapshots.snapshot(e.pointee.snapshot),
            let (target, address) = clusterTarget(e.pointee.backend, snapshot.endpoints)
        else {
            answer(exchange, .noEndpoint)
            return
        }
        if snapshot === snapshots.newest { discoveryPauses[e.pointee.backend] = now &+ Self.discoveryPause }
        switch open(exchange, snapshot, target, address) {
        case .opened(let attempt): sendRetained(attempt, exchange, snapshot)
        case .refused: answer(exchange, .connectFailed)
        }
    }

    /// As a request's, for a connection that is not HTTP: it goes where it was going.
    func opaqueDiscoveryTimedOut(_ index: Int32) {
        shard.add(.discoveryTimeouts)
        passThrough(index, to: connections[index].pointee.destination)
        if connections[index].pointee.fd >= 0 { enqueue(index) }
    }
}
