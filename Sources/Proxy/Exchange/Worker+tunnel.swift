internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// Bytes both ways without a look at them: opaque connections, and HTTP connections that have been upgraded.
extension Worker {
    // MARK: Opening

    /// A connection that is not HTTP: to an endpoint of the Service it addressed, else to where it was going.
    func openOpaque(_ index: Int32) {
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
            let picked = pick(
                backend, in: snapshot.endpoints, avoiding: client.pointee.attempts.since, isRepeatable: false,
                for: client.pointee.door)
        else {
            // Nothing is ready: a refusal, as the Service itself would give.
            refuseOpaque(index, client.pointee.attempts.areUnderWay ? .connectFailed : .noEndpoint)
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
            if endpoint >= 0 { balancer.released(endpoint) }
            if case .refused = opening, endpoint >= 0, failedOpaque(index, at: endpoint, .refused) {
                openOpaque(index)
            } else {
                refuseOpaque(index, .connectFailed, at: address)
            }
            return
        }
        if endpoint >= 0 {
            connections[upstream].pointee.target = .endpoint(endpoint)
            connections[upstream].pointee.flags.insert([.holdsLoad, .unheard])
        }
        client.pointee.phase = .tunnel
        client.pointee.flags.insert(.opaque)
        client.pointee.lastActivity = now
        client.pointee.peer = upstream
        connections[upstream].pointee.peer = index
        if !client.pointee.attempts.areUnderWay { shard.add(.opaqueConnectionsOpened, client.pointee.door) }
        shard.add(.opaqueConnectionsActive, client.pointee.door)
        tunnels += 1
        // What was read to find out what it is goes first.
        var waiting = client.pointee.input
        client.pointee.input = ByteBuffer()
        swap(&waiting, &connections[upstream].pointee.output)
        buffers.release(&waiting)
        arm(index)
    }

    /// - Parameter address: where the last attempt went.
    private func refuseOpaque(_ client: Int32, _ flag: ResponseFlag, at address: SocketAddress = .none) {
        recordOpaque(connections[client].pointee, remote: address, sent: 0, flag: flag)
        Socket.resetOnClose(connections[client].pointee.fd)
        closeConnection(client)
    }

    /// Notes that an endpoint has failed an opaque connection of which it has had nothing; true when another is to be tried.
    private func failedOpaque(_ client: Int32, at endpoint: Int32, _ failure: EndpointFailure) -> Bool {
        guard let (table, backend) = opaqueBackend(client) else { return false }
        endpointFailed(endpoint, failure, of: backend, in: table)
        guard
            connections[client].pointee.attempts.mayFollow(
                .unseen, isIdempotent: false, isWhole: true, endpoints: table.endpoints(backend).count, now: now)
        else { return false }
        shard.add(.rePicks)
        return true
    }

    /// The Service that the client of an opaque connection addressed.
    private func opaqueBackend(_ client: Int32) -> (EndpointTable, Int32)? {
        let destination = connections[client].pointee.destination
        guard let snapshot = snapshots.newest else { return nil }
        let service = snapshot.routes.service(address: destination.ip, port: destination.port)
        return service >= 0 ? (snapshot.endpoints, snapshot.routes.frontend(service).backend) : nil
    }

    /// The connection of a tunnel could not be made.
    func tunnelRefused(_ index: Int32) {
        let connection = connections[index]
        let client = connection.pointee.peer
        guard client >= 0, connection.pointee.flags.contains(.holdsLoad) else {
            breakTunnel(index, .connectFailed)
            return
        }
        let endpoint = connection.pointee.target.index
        let address = connection.pointee.remote
        dropIdle(connection.pointee.target)
        // The bytes that wait for the connection go with the next one.
        let waiting = connection.pointee.output
        connection.pointee.output = ByteBuffer()
        abandonTunnel(client)
        buffers.release(&connections[client].pointee.input)
        connections[client].pointee.input = waiting
        guard failedOpaque(client, at: endpoint, .refused) else {
            refuseOpaque(client, .connectFailed, at: address)
            return
        }
        openOpaque(client)
    }

    /// The endpoint of an opaque connection ends it without having said a word, and the client has not left: it has failed. True when
    /// it has had nothing of the client's either, and the client goes on with another.
    private func endedUnheard(_ index: Int32) -> Bool {
        let connection = connections[index]
        let client = connection.pointee.peer
        guard connection.pointee.flags.contains(.unheard), client >= 0,
            !connections[client].pointee.flags.contains(.readEnded)
        else { return false }
        connection.pointee.flags.remove(.unheard)
        let endpoint = connection.pointee.target.index
        let failure: EndpointFailure = connection.pointee.hasVanished ? .vanished : .cut
        guard !connection.pointee.flags.contains(.touched) else {
            if let (table, backend) = opaqueBackend(client) {
                endpointFailed(endpoint, failure, of: backend, in: table)
            }
            return false
        }
        guard failedOpaque(client, at: endpoint, failure) else { return false }
        abandonTunnel(client)
        openOpaque(client)
        return true
    }

    func tunnelConnected(_ index: Int32) {
        let connection = connections[index]
        if connection.pointee.flags.contains(.holdsLoad) {
            let endpoint = connection.pointee.target.index
            if balancer.connected(endpoint, now: now) { tell(of: endpoint) }
        }
        if !connection.pointee.output.isEmpty { connection.pointee.flags.insert(.touched) }
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

    /// 101: the response goes to the client, and both connections become a tunnel. One that nobody asked for, or that names another protocol
    /// than was offered, would open a tunnel past the routes (RFC 9110 section 7.8).
    func switchProtocols(_ exchange: Int32, _ head: UnsafeRawBufferPointer, rest: UnsafeRawBufferPointer) {
        let e = exchanges[exchange]
        let client = e.pointee.client
        let upstream = e.pointee.upstream
        guard e.pointee.flags.contains(.wantsUpgrade), e.pointee.progress.isRequestSent,
            let chosen = responseHead.upgradeFieldIndex,
            UpgradeOffer.isAnswered(
                head, chosen: responseHead.fields[chosen].value.range, offer: e.pointee.offer.bytes)
        else {
            fail(exchange, .upstreamBadResponse)
            return
        }
        guard judgeAnswer(exchange, head) else { return }
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
        closeBound(of: client)
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
                if !endedUnheard(index) { breakTunnel(index) }
                return false
            case .ended:
                if !endedUnheard(index) { passEnd(from: index) }
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
            if connection.pointee.flags.contains(.unheard) { heard(index) }
        } else if connection.pointee.flags.contains(.sniffing), sniffedRequest(index, bytes) {
            enqueue(index)
            return false
        }
        connection.pointee.moved &+= UInt64(bytes.count)
        countOpaque(connection.pointee, connections[peer].pointee, bytes.count)
        connections[peer].pointee.flags.insert(.touched)
        if case .failed = send(peer, bytes) {
            _ = endedUnheard(peer)
            breakTunnel(peer)
            return false
        }
        return true
    }

    /// The first word of an opaque connection's endpoint.
    private func heard(_ index: Int32) {
        let connection = connections[index]
        connection.pointee.flags.remove(.unheard)
        let endpoint = connection.pointee.target.index
        if balancer.answered(endpoint, isError: false, now: now) { tell(of: endpoint) }
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
    func breakTunnel(_ index: Int32, _ flag: ResponseFlag = .none) {
        let peer = connections[index].pointee.peer
        if peer >= 0 { Socket.resetOnClose(connections[peer].pointee.fd) }
        closeTunnel(index, flag)
    }

    func closeTunnel(_ index: Int32, _ flag: ResponseFlag = .none) {
        let peer = connections[index].pointee.peer
        recordTunnel(connections[index].pointee, peer >= 0 ? connections[peer].pointee : Connection(), flag)
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
