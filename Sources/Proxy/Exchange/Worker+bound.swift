internal import Balancing
internal import Reactor

/// Connections to endpoints that are authenticated as one client (`ConnectionAuthentication`): between two requests
/// they wait beside the client's connection instead of in a pool, and end with it.
extension Worker {
    /// Keeps a connection for the next request of its client, who has at most one.
    func bind(_ upstream: Int32, to client: Int32) {
        guard connections[client].pointee.fd >= 0 else {
            closeConnection(upstream)
            return
        }
        closeBound(of: client)
        connections[client].pointee.flags.insert(.bound)
        connections[client].pointee.peer = upstream
        let connection = connections[upstream]
        connection.pointee.flags.insert(.bound)
        connection.pointee.peer = client
        connection.pointee.phase = .idle
        joinIdle(upstream)
        connection.pointee.exchange = -1
        connection.pointee.lastActivity = now
        arm(upstream)
    }

    /// Ends the connection that waits beside a client's, if one does.
    func closeBound(of client: Int32) {
        guard connections[client].pointee.flags.contains(.bound) else { return }
        let upstream = connections[client].pointee.peer
        unbind(client)
        if upstream >= 0 { closeConnection(upstream) }
    }

    /// Two connections that belong together no longer do; `index` is either.
    func unbind(_ index: Int32) {
        let peer = connections[index].pointee.peer
        connections[index].pointee.flags.remove(.bound)
        connections[index].pointee.peer = -1
        guard peer >= 0 else { return }
        connections[peer].pointee.flags.remove(.bound)
        connections[peer].pointee.peer = -1
    }

    /// Where a client's own connection leads, if that is an endpoint of the backend: the endpoint that knows him,
    /// whatever its load.
    func boundTarget(
        _ exchange: Int32, _ endpoints: EndpointTable, backend: Int32
    ) -> (target: Target, address: SocketAddress)? {
        let client = connections[exchanges[exchange].pointee.client]
        guard client.pointee.flags.contains(.bound), client.pointee.peer >= 0 else { return nil }
        let upstream = connections[client.pointee.peer]
        let (target, address) = (upstream.pointee.target, upstream.pointee.remote)
        let isEndpoint = endpoints.endpoints(backend).contains {
            $0.id == target.index && SocketAddress($0.address, port: $0.port) == address
        }
        return isEndpoint && !target.isDirect ? (target, address) : nil
    }

    /// The client's own connection to an address; nil when there is none that is still good.
    func takeBound(_ exchange: Int32, address: SocketAddress) -> Int32? {
        let client = exchanges[exchange].pointee.client
        guard connections[client].pointee.flags.contains(.bound) else { return nil }
        let upstream = connections[client].pointee.peer
        guard upstream >= 0, connections[upstream].pointee.remote == address else { return nil }
        guard !hasUnasked(connections[upstream].pointee) else {
            closeBound(of: client)
            return nil
        }
        unbind(client)
        exchanges[exchange].pointee.flags.insert(.boundToClient)
        leaveIdle(upstream)
        connections[upstream].pointee.phase = .http
        connections[upstream].pointee.flags.insert(.reused)
        connections[upstream].pointee.lastActivity = now
        return upstream
    }
}
