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

    /// Reads what has come and decides; true when there is more to do at once.
    func detect(_ index: Int32) -> Bool {
        let connection = connections[index]
        guard readIntoInput(index) else { return false }
        switch ProtocolDetection(connection.pointee.input.bytes) {
        case .undecided where connection.pointee.flags.contains(.readEnded):
            // No request will come of it, but it may be all that another protocol has to say.
            enterOpaque(index)
        case .undecided:
            return connection.pointee.flags.contains(.readable)
        case .http:
            enterHTTP(index)
        case .http2:
            enterHTTP2(index)
        case .opaque:
            enterOpaque(index)
        }
        return true
    }

    /// What is not HTTP/1.1 passes as it is. Not so text at a port that routes protect: servers more lenient than our parser
    /// may take it for a request, so it gets the parser's answer.
    private func enterOpaque(_ index: Int32) {
        if ProtocolDetection.isText(connections[index].pointee.input.bytes) && isProtected(index) {
            enterHTTP(index)
        } else {
            openOpaque(index)
        }
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
        if connection.pointee.input.isEmpty {
            connection.pointee.flags.insert(.sniffing)
            openOpaque(index)
        } else {
            enterOpaque(index)
            // The head that has begun is on its own time from now on.
            enqueue(index)
        }
    }

    /// The first bytes on a tunnel whose client stayed silent: if they are a request and the server has said nothing, the
    /// tunnel was a wrong guess, and the request is served as one. True when they are not the tunnel's.
    func sniffedRequest(_ index: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let connection = connections[index]
        connection.pointee.flags.remove(.sniffing)
        let isRequest = if case .http = ProtocolDetection(bytes) { true } else { false }
        guard isRequest || (ProtocolDetection.isText(bytes) && isProtected(index)) else { return false }
        abandonTunnel(index)
        guard buffers.append(bytes, to: &connection.pointee.input) else {
            closeConnection(index)
            return true
        }
        if case .http2 = ProtocolDetection(bytes) { enterHTTP2(index) } else { enterHTTP(index) }
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
