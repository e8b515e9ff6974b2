internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// Bytes both ways without a look at them: opaque connections, and HTTP connections that have been upgraded.
extension Worker {
    // MARK: Opening

    /// A connection that is not HTTP: to an endpoint of the Service it addressed, else to where it was going.
    ///
    /// - Parameter excluding: an endpoint that has just refused this connection; -1 for none.
    func openOpaque(_ index: Int32, excluding: Int32 = -1) {
        let client = connections[index]
        let destination = client.pointee.destination
        guard let snapshot = snapshots.newest, client.pointee.door == .outbound else {
            passThrough(index, to: destination)
            return
        }
        let service = snapshot.routes.service(address: destination.ip, port: destination.port)
        guard service >= 0 else {
            passThrough(index, to: destination)
            return
        }
        let backend = snapshot.routes.frontend(service).backend
        if snapshot.endpoints.isLazy {
            snapshot.endpoints.use(backend)
            guard snapshot.endpoints.isKnown(backend) else {
                awaitOpaqueDiscovery(index, snapshot.endpoints, backend)
                return
            }
        }
        guard
            let picked = balancer.pick(
                backend, in: snapshot.endpoints, random: random.next(), now: now, excluding: excluding)
        else {
            // Nothing is ready: a refusal, as the Service itself would give.
            Socket.resetOnClose(client.pointee.fd)
            closeConnection(index)
            return
        }
        passThrough(index, to: SocketAddress(picked.address, port: picked.port), endpoint: picked.id)
    }

    /// - Parameter endpoint: the picked endpoint's number, whose load the connection holds; -1 for a fixed address.
    func passThrough(_ index: Int32, to address: SocketAddress, endpoint: Int32 = -1) {
        let client = connections[index]
        let opening: Opening =
            isOwnServer(address, door: client.pointee.door)
            ? .refused : openUpstream(.none, address: address, for: client.pointee.door)
        guard case .opened(let upstream) = opening else {
            if case .refused = opening, rePickOpaque(index, refusedBy: endpoint) { return }
            if case .exhausted = opening, endpoint >= 0 { balancer.released(endpoint) }
            Socket.resetOnClose(client.pointee.fd)
            closeConnection(index)
            return
        }
        if endpoint >= 0 {
            connections[upstream].pointee.target = .endpoint(endpoint)
            connections[upstream].pointee.flags.insert(.holdsLoad)
        }
        client.pointee.phase = .tunnel
        client.pointee.flags.insert(.opaque)
        client.pointee.lastActivity = now
        client.pointee.peer = upstream
        connections[upstream].pointee.peer = index
        if !client.pointee.flags.contains(.rePicked) { shard.add(.opaqueConnectionsOpened, client.pointee.door) }
        shard.add(.opaqueConnectionsActive, client.pointee.door)
        tunnels += 1
        // What was read to find out what it is goes first.
        var waiting = client.pointee.input
        client.pointee.input = ByteBuffer()
        swap(&waiting, &connections[upstream].pointee.output)
        buffers.release(&waiting)
        arm(index)
    }

    /// An endpoint refused an opaque connection: it is ejected for a while, and another is tried once, since no byte has left.
    /// False when there is no other try.
    private func rePickOpaque(_ client: Int32, refusedBy endpoint: Int32) -> Bool {
        guard endpoint >= 0 else { return false }
        if balancer.failed(endpoint, now: now) { shard.add(.ejections) }
        guard !connections[client].pointee.flags.contains(.rePicked) else { return false }
        connections[client].pointee.flags.insert(.rePicked)
        shard.add(.rePicks)
        openOpaque(client, excluding: endpoint)
        return true
    }

    /// The connection of a tunnel could not be made.
    func tunnelRefused(_ index: Int32) {
        let connection = connections[index]
        let client = connection.pointee.peer
        guard client >= 0, connection.pointee.flags.contains(.holdsLoad),
            !connections[client].pointee.flags.contains(.rePicked)
        else {
            breakTunnel(index)
            return
        }
        let endpoint = connection.pointee.target.index
        connection.pointee.flags.remove(.holdsLoad)
        // The bytes that wait for the connection go with the next one.
        let waiting = connection.pointee.output
        connection.pointee.output = ByteBuffer()
        abandonTunnel(client)
        buffers.release(&connections[client].pointee.input)
        connections[client].pointee.input = waiting
        _ = rePickOpaque(client, refusedBy: endpoint)
    }

    func tunnelConnected(_ index: Int32) {
        let connection = connections[index]
        if connection.pointee.flags.contains(.holdsLoad) { balancer.connected(connection.pointee.target.index) }
        connection.pointee.phase = .tunnel
        guard flushOutput(index) else {
            closeTunnel(index)
            return
        }
        enqueue(index)
        let client = connection.pointee.peer
        guard client >= 0 else { return }
        enqueue(client)
        // The client's end may have come while the connection was being made.
        if connections[client].pointee.flags.contains(.readEnded) { passEnd(from: client) }
    }

    /// 101: the response goes to the client, and both connections become a tunnel.
    func switchProtocols(_ exchange: Int32, _ head: UnsafeRawBufferPointer, rest: UnsafeRawBufferPointer) {
        let e = exchanges[exchange]
        let client = e.pointee.client
        let upstream = e.pointee.upstream
        guard e.pointee.flags.contains(.wantsUpgrade), e.pointee.progress.isRequestSent else {
            fail(exchange, .upstreamBadResponse)
            return
        }
        e.pointee.status = 101
        var writer = ByteWriter(outgoing)
        composeResponse(exchange, head, into: &writer)
        let outcome = send(client, writer.written, rest)
        record(exchange)
        release(exchange)
        connections[client].pointee.exchange = -1
        connections[upstream].pointee.exchange = -1
        guard case .sent = outcome, !writer.overflowed else {
            if case .queued = outcome {
                joinTunnel(client, upstream)
            } else {
                closeConnection(upstream)
                closeConnection(client)
            }
            return
        }
        joinTunnel(client, upstream)
    }

    private func joinTunnel(_ client: Int32, _ upstream: Int32) {
        connections[client].pointee.phase = .tunnel
        connections[upstream].pointee.phase = .tunnel
        connections[client].pointee.peer = upstream
        connections[upstream].pointee.peer = client
        tunnels += 1
        // Bytes that came with or behind the request already belong to the new protocol.
        if !connections[client].pointee.input.isEmpty {
            let waiting = connections[client].pointee.input
            connections[client].pointee.input = ByteBuffer()
            var copy = waiting
            if case .failed = send(upstream, waiting.bytes) {
                buffers.release(&copy)
                closeTunnel(client)
                return
            }
            buffers.release(&copy)
        }
        arm(client)
        enqueue(client)
        enqueue(upstream)
    }

    // MARK: Moving bytes

    func tunnelEvent(_ index: Int32, _ event: Poller.Event) {
        let connection = connections[index]
        if event.isWritable && !connection.pointee.output.isEmpty {
            guard flushOutput(index) else {
                closeTunnel(index)
                return
            }
            if connection.pointee.output.isEmpty { outputDrained(index) }
        }
        if connections[index].pointee.fd >= 0 { pumpTunnel(index) }
    }

    private func outputDrained(_ index: Int32) {
        let peer = connections[index].pointee.peer
        guard peer >= 0 else { return }
        if connections[peer].pointee.flags.contains(.readEnded) {
            passEnd(from: peer)
        } else {
            enqueue(peer)
        }
    }

    /// Moves what can be read on one side to the other, as long as that takes it.
    func pumpTunnel(_ index: Int32) {
        let connection = connections[index]
        takeTurn(index) {
            let peer = connection.pointee.peer
            guard connection.pointee.phase == .tunnel, peer >= 0, connections[peer].pointee.output.isEmpty,
                connections[peer].pointee.phase == .tunnel || connection.pointee.flags.contains(.sniffing)
            else { return false }
            switch readSome(index) {
            case .nothing: return false
            case .failed:
                breakTunnel(index)
                return false
            case .ended:
                passEnd(from: index)
                return false
            case .bytes(let count):
                let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch)[..<count])
                return passOn(bytes, from: index, to: peer)
            }
        }
    }

    private func passOn(_ bytes: UnsafeRawBufferPointer, from index: Int32, to peer: Int32) -> Bool {
        let connection = connections[index]
        if connection.pointee.role == .upstream {
            connections[peer].pointee.flags.remove(.sniffing)
        } else if connection.pointee.flags.contains(.sniffing), sniffedRequest(index, bytes) {
            enqueue(index)
            return false
        }
        countOpaque(connection.pointee, connections[peer].pointee, bytes.count)
        if case .failed = send(peer, bytes) {
            breakTunnel(peer)
            return false
        }
        return true
    }

    private func countOpaque(_ from: Connection, _ to: Connection, _ count: Int) {
        if from.role == .client && from.flags.contains(.opaque) {
            shard.add(.opaqueBytesReceived, from.door, UInt64(count))
        } else if to.flags.contains(.opaque) {
            shard.add(.opaqueBytesSent, to.door, UInt64(count))
        }
    }

    /// One side has ended its stream: the other is told once everything before it is out; both ended closes.
    private func passEnd(from index: Int32) {
        let peer = connections[index].pointee.peer
        guard peer >= 0 else {
            closeTunnel(index)
            return
        }
        guard connections[peer].pointee.output.isEmpty, connections[peer].pointee.phase == .tunnel else { return }
        if !connections[peer].pointee.flags.contains(.writeEnded) {
            connections[peer].pointee.flags.insert(.writeEnded)
            _ = endOutput(connections[peer])
        }
        if connections[peer].pointee.flags.contains(.readEnded) && connections[index].pointee.output.isEmpty {
            closeTunnel(index)
        }
    }

    // MARK: Closing

    /// One side has been reset or cannot be reached: so is the other, which must not take a part of the stream for the whole.
    func breakTunnel(_ index: Int32) {
        let peer = connections[index].pointee.peer
        if peer >= 0 { Socket.resetOnClose(connections[peer].pointee.fd) }
        closeTunnel(index)
    }

    func closeTunnel(_ index: Int32) {
        let peer = connections[index].pointee.peer
        leaveTunnel(index)
        if peer >= 0 {
            connections[index].pointee.peer = -1
            connections[peer].pointee.peer = -1
            closeConnection(peer)
        }
        closeConnection(index)
    }

    /// Drops the upstream side of a tunnel that should not have been opened.
    func abandonTunnel(_ client: Int32) {
        let peer = connections[client].pointee.peer
        leaveTunnel(client)
        connections[client].pointee.peer = -1
        connections[client].pointee.flags.remove(.opaque)
        if peer >= 0 {
            connections[peer].pointee.peer = -1
            closeConnection(peer)
        }
    }

    private func leaveTunnel(_ index: Int32) {
        tunnels -= 1
        let connection = connections[index]
        let client = connection.pointee.role == .client ? index : connection.pointee.peer
        guard client >= 0, connections[client].pointee.flags.contains(.opaque) else { return }
        shard.subtract(.opaqueConnectionsActive, connections[client].pointee.door)
    }
}
