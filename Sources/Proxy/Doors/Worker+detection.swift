internal import Reactor
internal import Routing
internal import Telemetry

/// Where nothing declares the protocol: the first bytes decide, and a client that stays silent gets a tunnel, because it
/// may be waiting for the server to speak first.
extension Worker {
    func beginDetection(_ index: Int32) {
        connections[index].pointee.phase = .detecting
        arm(index)
    }

    /// Reads what has come and decides; true when the connection has entered another phase.
    func detect(_ index: Int32) -> Bool {
        let connection = connections[index]
        guard readIntoInput(index) else { return false }
        switch ProtocolDetection(connection.pointee.input.bytes) {
        case .undecided:
            // The peer ended its stream within its first word: there is nothing to serve.
            if connection.pointee.flags.contains(.readEnded) { closeConnection(index) }
            return false
        case .http:
            enterHTTP(index)
        case .http2:
            enterHTTP2(index)
        case .opaque:
            openOpaque(index)
        }
        return true
    }

    /// HTTP/2 without TLS passes as opaque bytes, but not to a port that routes protect: they would not be applied.
    private func enterHTTP2(_ index: Int32) {
        if isProtected(index) {
            shard.add(.overloadRefusals)
            closeConnection(index)
        } else {
            openOpaque(index)
        }
    }

    private func isProtected(_ index: Int32) -> Bool {
        let connection = connections[index]
        guard connection.pointee.door == .inbound, let routes = snapshots.newest?.routes else { return false }
        let port = routes.inboundPort(connection.pointee.destination.port)
        return port >= 0 && routes.isInboundRouted(port)
    }

    /// The detection wait is over.
    func detectionTimedOut(_ index: Int32) {
        let connection = connections[index]
        shard.add(.detectionTimeouts, connection.pointee.door)
        if connection.pointee.input.isEmpty { connection.pointee.flags.insert(.sniffing) }
        openOpaque(index)
    }

    /// The first bytes on a tunnel whose client stayed silent: if they are a request and the server has said nothing, the
    /// tunnel was a wrong guess, and the request is served as one. True when it is.
    func sniffedRequest(_ index: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let connection = connections[index]
        connection.pointee.flags.remove(.sniffing)
        guard case .http = ProtocolDetection(bytes) else { return false }
        guard buffers.append(bytes, to: &connection.pointee.input) else { return false }
        abandonTunnel(index)
        enterHTTP(index)
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
        switch Socket.read(connection.pointee.fd, into: connection.pointee.input.spare) {
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
