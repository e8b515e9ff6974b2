internal import HTTP
package import Reactor
package import TLS

/// A client of one origin, on an event loop: connections are kept open and used again, requests run side by side, each
/// on a connection of its own.
///
/// Everything is called on the loop's thread. The client lives as long as its owner keeps it; requests that are under
/// way when it goes fail with `.clientClosed` on `close`, and are dropped silently otherwise.
package final class HTTPClient {
    package private(set) var endpoint: HTTPEndpoint
    let loop: EventLoop
    let limits: HTTPClientLimits
    let parser = ResponseHead()
    /// Counts TLS contexts; connections of an older one are not used again.
    private(set) var generation = 0

    private var calls: [ObjectIdentifier: HTTPCall] = [:]
    private var waiting: [HTTPCall] = []
    private var underWay = 0
    private var idle: [ClientConnection] = []
    private var lookup: AddressLookup?
    private var wantAddresses: [HTTPCall] = []
    private var known: (addresses: [SocketAddress], until: UInt64)?

    package init(loop: EventLoop, endpoint: HTTPEndpoint, limits: HTTPClientLimits = HTTPClientLimits()) {
        self.loop = loop
        self.endpoint = endpoint
        self.limits = limits
    }

    deinit {
        for call in calls.values { call.cancel() }
        for connection in idle { connection.close() }
    }

    /// Sends a request.
    /// - Parameters:
    ///   - onHead: gets the response's head before any of its body.
    ///   - onBody: gets the body as it comes; without it the body is collected for `done`.
    ///   - done: called once, last, unless the call is cancelled.
    @discardableResult
    package func send(
        _ request: HTTPClientRequest, onHead: ((HTTPResponseHead) -> Void)? = nil,
        onBody: ((ArraySlice<UInt8>) -> Void)? = nil,
        done: @escaping (Result<HTTPClientResponse, HTTPClientError>) -> Void
    ) -> HTTPCall {
        let call = HTTPCall(request, client: self, onHead: onHead, onBody: onBody, done: done)
        calls[ObjectIdentifier(call)] = call
        loop.after(0) { [weak self] in self?.begin(call) }
        return call
    }

    /// Uses other trust or another certificate from now on. Requests under way go on with what they have.
    package func use(_ tls: TLSClientContext?) {
        endpoint.tls = tls
        generation += 1
        closeIdle()
    }

    /// Fails what is under way and closes every connection.
    package func close() {
        for call in calls.values {
            call.fail(HTTPClientError(.clientClosed, "\(endpoint.description): the client was closed"))
        }
        closeIdle()
    }

    /// Connections that wait to be used again.
    package var idleConnections: Int { idle.count }

    private func closeIdle() {
        let connections = idle
        idle = []
        for connection in connections { connection.close() }
    }

    // MARK: A call's way to a connection

    private func begin(_ call: HTTPCall) {
        guard !call.isEnded else { return }
        if let defect = call.request.defect {
            call.fail(
                HTTPClientError(.invalidRequest, "\(call.request.method.token) \(call.request.target): \(defect)"))
        } else if underWay < limits.connections {
            start(call)
        } else if waiting.count < limits.waiting {
            waiting.append(call)
        } else {
            call.fail(
                HTTPClientError(.overloaded, "\(endpoint.description): \(waiting.count) requests wait already"))
        }
    }

    private func start(_ call: HTTPCall) {
        call.holdsConnection = true
        underWay += 1
        while let connection = idle.popLast() {
            if connection.isUsable() { return connection.carry(call, authority: endpoint.authority) }
            connection.close()
        }
        findAddresses(call)
    }

    /// The connection that had been kept open was closed by its peer: once more, on a new one.
    func again(_ call: HTTPCall) {
        call.isSecondTry = true
        call.stage = .waiting
        findAddresses(call)
    }

    private func connect(_ call: HTTPCall, to addresses: [SocketAddress]) {
        let generation = generation
        let connector = Connector(endpoint: endpoint, addresses: addresses, limits: limits, loop: loop) {
            [weak self, weak call] result in
            guard let self, let call, !call.isEnded else { return }
            switch result {
            case .success(let (socket, address)):
                ClientConnection(socket: socket, address: address, client: self, generation: generation)
                    .carry(call, authority: endpoint.authority)
            case .failure(let error):
                known = nil
                call.stage = .waiting
                call.fail(error)
            }
        }
        call.stage = .connecting(connector)
    }

    /// A call has ended, whatever way.
    func ended(_ call: HTTPCall) {
        calls[ObjectIdentifier(call)] = nil
        if call.holdsConnection {
            call.holdsConnection = false
            underWay -= 1
        } else {
            waiting.removeAll { $0 === call }
        }
        wantAddresses.removeAll { $0 === call }
        if !waiting.isEmpty { loop.after(0) { [weak self] in self?.startWaiting() } }
    }

    private func startWaiting() {
        while underWay < limits.connections, !waiting.isEmpty { start(waiting.removeFirst()) }
    }

    // MARK: Connections kept open

    func park(_ connection: ClientConnection) {
        idle.append(connection)
        connection.rest(limits.idleTimeout)
        if idle.count > limits.idleConnections { idle.removeFirst().close() }
    }

    func forget(_ connection: ClientConnection) {
        idle.removeAll { $0 === connection }
    }

    // MARK: Addresses

    private func findAddresses(_ call: HTTPCall) {
        if let literal = SocketAddress(host: endpoint.host, port: endpoint.port) {
            return connect(call, to: [literal])
        }
        if let known, known.until > Clock.now() { return connect(call, to: known.addresses) }
        wantAddresses.append(call)
        loop.after(limits.lookupTimeout) { [weak self, weak call] in
            guard let self, let call, wantAddresses.contains(where: { $0 === call }) else { return }
            call.fail(HTTPClientError(.lookup, "host \(endpoint.host): no answer from DNS in time"))
        }
        if lookup == nil { startLookup() }
    }

    private func startLookup() {
        do throws(SystemError) {
            lookup = try AddressLookup(host: endpoint.host, port: endpoint.port, loop: loop) { [weak self] in
                self?.lookedUp($0)
            }
        } catch {
            lookedUp(.failure(HTTPClientError(.lookup, "host \(endpoint.host): \(error)")))
        }
    }

    private func lookedUp(_ result: Result<[SocketAddress], HTTPClientError>) {
        lookup = nil
        let calls = wantAddresses
        wantAddresses = []
        switch result {
        case .success(let addresses):
            known = (addresses, Clock.now() &+ limits.addressLifetime)
            for call in calls where !call.isEnded { connect(call, to: addresses) }
        case .failure(let error):
            for call in calls { call.fail(error) }
        }
    }
}
