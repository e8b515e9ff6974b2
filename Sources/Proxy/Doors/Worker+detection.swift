internal import Reactor
internal import Routing
internal import Telemetry

/// Where nothing declares the protocol: the first bytes decide, and a client that stays silent gets a tunnel, because
/// it may be waiting for the server to speak first.
extension Worker {
    func beginDetection(_ index: Int32) {
        connections[index].pointee.phase = .detecting
        arm(index)
    }

    /// Reads what has come and decides; true when there is more to do at once.
    func detect(_ index: Int32) -> Bool {
        let connection = connections[index]
        guard readIntoInput(index) else { return false }
        // After the end of the stream no request will come of a beginning, but it may be all that another protocol has
        // to say.
        return carryOut(decision(index, isOver: connection.pointee.flags.contains(.readEnded)), index)
    }

    private func decision(_ index: Int32, isOver: Bool) -> DoorDecision {
        DoorDecision(
            ProtocolDetection(connections[index].pointee.input.bytes), isRouted: isRouted(index), isOver: isOver)
    }

    /// True when there is more to do at once.
    private func carryOut(_ decision: DoorDecision, _ index: Int32) -> Bool {
        let connection = connections[index]
        switch decision {
        case .wait:
            return connection.pointee.flags.contains(.readable)
        case .serveHTTP:
            enterHTTP(index)
        case .pass:
            openOpaque(index)
        case .hearServer:
            connection.pointee.flags.insert(.sniffing)
            openOpaque(index)
        case .close:
            shard.add(.detectionRefusals, connection.pointee.door)
            closeConnection(index)
        }
        return true
    }

    /// Whether routes apply to requests that come where the connection was going.
    private func isRouted(_ index: Int32) -> Bool {
        guard let routes = snapshots.newest?.routes else { return false }
        let (door, destination) = (connections[index].pointee.door, connections[index].pointee.destination)
        switch door {
        case .inbound:
            let port = routes.inboundPort(destination.port)
            return port >= 0 && routes.isInboundRouted(port)
        case .outbound:
            let service = routes.service(address: destination.ip, port: destination.port)
            return service >= 0 && routes.frontend(service).isRouted
        case .gateway:
            return true
        }
    }

    /// The detection wait is over.
    func detectionTimedOut(_ index: Int32) {
        let connection = connections[index]
        shard.add(.detectionTimeouts, connection.pointee.door)
        let isSilent = connection.pointee.input.isEmpty
        _ = carryOut(decision(index, isOver: true), index)
        // The head that has begun is on its own time from now on.
        if !isSilent { enqueue(index) }
    }

    /// The first bytes on a tunnel whose client stayed silent while the server has said nothing: unless they are
    /// another protocol's, the tunnel was a wrong guess. True when they are not the tunnel's.
    func sniffedRequest(_ index: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let connection = connections[index]
        connection.pointee.flags.remove(.sniffing)
        let decision = DoorDecision(ProtocolDetection(bytes), isRouted: isRouted(index), isOver: true)
        if case .pass = decision { return false }
        abandonTunnel(index)
        guard buffers.append(bytes, to: &connection.pointee.input) else {
            closeConnection(index)
            return true
        }
        _ = carryOut(decision, index)
        return true
    }

    /// Appends what the socket has to the connection's input; false when nothing came (or the connection is gone).
    private func readIntoInput(_ index: Int32) -> Bool {
        let connection = connections[index]
        guard connection.pointee.flags.contains(.readable) else { return false }
        guard buffers.reserve(BufferPool.small, in: &connection.pointee.input) else {
            closeConnection(index)
            return false
        }
        switch receive(connection, into: connection.pointee.input.spare) {
        case .bytes(0):
            connection.pointee.flags.insert(.readEnded)
            connection.pointee.flags.remove(.readable)
            if connection.pointee.input.isEmpty {
                closeConnection(index)
                return false
            }
            return true
        case .bytes(let count):
            let wasFull = count == connection.pointee.input.spare.count
            connection.pointee.input.produced(count)
            if !wasFull && !connection.pointee.flags.contains(.peerClosed) {
                connection.pointee.flags.remove(.readable)
            }
            return true
        case .wouldBlock:
            connection.pointee.flags.remove(.readable)
            return false
        case .failed:
            closeConnection(index)
            return false
        }
    }
}
