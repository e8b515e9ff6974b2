internal import Balancing
internal import GatewayAPI
internal import Reactor
internal import Routing
internal import Telemetry

/// How a connection finds its frontend: the only thing in which the doors differ.
extension Worker {
    func enterGateway(_ index: Int32) {
        let connection = connections[index]
        if !options.trustedPeers.networks.isEmpty && options.trustedPeers.contains(connection.pointee.remote) {
            connection.pointee.flags.insert(.trusted)
        }
        enterHTTP(index)
    }

    /// From the application: the original destination tells the Service, a pod, or somewhere unknown.
    func enterOutbound(_ index: Int32) {
        guard let destination = redirectedDestination(index), let snapshot = snapshots.newest else {
            refuseLoop(index)
            return
        }
        let connection = connections[index]
        connection.pointee.destination = destination
        let service = snapshot.routes.service(address: destination.ip, port: destination.port)
        if service >= 0 {
            enter(index, as: snapshot.routes.frontend(service).appProtocol)
        } else if snapshot.endpoints.contains(destination.ip, port: destination.port) {
            // A pod is dialled by its address: no routes, but an HTTP request tells the callee's sidecar so.
            enter(index, as: .detect)
        } else {
            // Where not every pod is known, a pod's address looks like any other: nothing is waited for, but a request
            // that comes first is served as one.
            if snapshot.endpoints.isLazy && destination.isPrivate { connection.pointee.flags.insert(.sniffing) }
            passThrough(index, to: destination)
        }
    }

    /// From the mesh or anywhere else: only the pod's own addresses are forwarded to.
    func enterInbound(_ index: Int32) {
        guard let destination = redirectedDestination(index), let snapshot = snapshots.newest,
            isOwnAddress(destination)
        else {
            refuseLoop(index)
            return
        }
        connections[index].pointee.destination = destination
        let port = snapshot.routes.inboundPort(destination.port)
        enter(index, as: port >= 0 ? snapshot.routes.inboundAppProtocol(port) : .detect)
    }

    private func enter(_ index: Int32, as appProtocol: AppProtocol) {
        switch appProtocol {
        case .http: enterHTTP(index)
        case .opaque: openOpaque(index)
        case .detect: beginDetection(index)
        }
    }

    func enterHTTP(_ index: Int32) {
        connections[index].pointee.phase = .http
        arm(index)
    }

    /// Where the firewall took the connection from; nil when it was not redirected, or came to a door's own port: to
    /// forward that would come back here for ever.
    private func redirectedDestination(_ index: Int32) -> SocketAddress? {
        let connection = connections[index]
        guard
            let destination = Socket.originalDestination(
                connection.pointee.fd, isIPv6: connection.pointee.remote.isIPv6)
        else { return nil }
        guard case .sidecar(let outbound, let inbound, _) = options.mode else { return destination }
        let isDoor = destination.port == outbound.port || destination.port == inbound.port
        return isDoor && (destination.isLoopback || isOwnAddress(destination)) ? nil : destination
    }

    func isOwnAddress(_ address: SocketAddress) -> Bool {
        guard case .sidecar(_, _, let own) = options.mode else { return false }
        return own.contains { $0.isSameHost(as: address) }
    }

    private func refuseLoop(_ index: Int32) {
        shard.add(.loopRefusals)
        Socket.resetOnClose(connections[index].pointee.fd)
        closeConnection(index)
    }
}

extension SocketAddress {
    var ip: IPAddress { IPAddress(high: high, low: low, isIPv6: isIPv6) }

    init(_ ip: IPAddress, port: UInt16) {
        self.init(high: ip.high, low: ip.low, port: port, isIPv6: ip.isIPv6)
    }
}
