internal import Balancing
internal import Reactor
internal import Routing
internal import Telemetry

/// Opaque connections: which endpoint their bytes go to, and what follows when it takes none.
extension Worker {
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
            guard !resumeOpaqueRival(index) else { return }
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
            } else if !resumeOpaqueRival(index) {
                refuseOpaque(index, .connectFailed, at: address)
            }
            return
        }
        if endpoint >= 0 {
            connections[upstream].pointee.target = .endpoint(endpoint)
            connections[upstream].pointee.flags.insert([.holdsLoad, .unheard])
        }
        join(index, upstream)
        if endpoint >= 0 { giveOpaqueHeadStart(upstream, index) }
    }

    /// The client's bytes go to a connection, which may still have to be made.
    private func join(_ index: Int32, _ upstream: Int32) {
        let client = connections[index]
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

    /// Notes that an endpoint has failed an opaque connection of which it has had nothing; true when another is to be
    /// tried.
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

    /// Takes an opaque client's bytes back from the connection that was being made for them; returns that connection,
    /// which is nobody's now.
    private func withdraw(_ client: Int32) -> Int32 {
        let upstream = connections[client].pointee.peer
        buffers.release(&connections[client].pointee.input)
        swap(&connections[client].pointee.input, &connections[upstream].pointee.output)
        leaveTunnel(client)
        connections[client].pointee.peer = -1
        connections[client].pointee.flags.remove(.opaque)
        connections[upstream].pointee.peer = -1
        connections[upstream].pointee.flags.remove(.touched)
        return upstream
    }

    /// The connection of a tunnel could not be made.
    func tunnelRefused(_ index: Int32) {
        let connection = connections[index]
        let client = connection.pointee.peer
        guard client < 0 || connections[client].pointee.peer == index else {
            connections[client].pointee.rival = -1
            lateRefused(index)
            return
        }
        guard client >= 0, connection.pointee.flags.contains(.holdsLoad) else {
            breakTunnel(index, .connectFailed)
            return
        }
        let endpoint = connection.pointee.target.index
        let address = connection.pointee.remote
        dropIdle(connection.pointee.target)
        // The bytes that wait for the connection go with the next one.
        closeConnection(withdraw(client))
        guard failedOpaque(client, at: endpoint, .refused) else {
            guard !resumeOpaqueRival(client) else { return }
            refuseOpaque(client, .connectFailed, at: address)
            return
        }
        openOpaque(client)
    }

    /// The endpoint of an opaque connection ends it without having said a word, and the client has not left: it has
    /// failed. True when it has had nothing of the client's either, and the client goes on with another.
    func endedUnheard(_ index: Int32) -> Bool {
        let connection = connections[index]
        let client = connection.pointee.peer
        guard connection.pointee.flags.contains(.unheard), client >= 0,
            !connections[client].pointee.flags.contains(.readEnded)
        else { return false }
        connection.pointee.flags.remove(.unheard)
        // Where nothing has been said for long the client may have owed the next word: servers give up at some time.
        guard now < lastMovement(ofTunnel: connection.pointee) &+ limits.firstByteTimeout else { return false }
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
        if connection.pointee.peer >= 0 { endOpaqueRivalry(connection.pointee.peer, for: index) }
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

    // MARK: Another endpoint beside the first

    /// Gives the connection to an opaque client's endpoint a head start, if there is another to try after it.
    private func giveOpaqueHeadStart(_ upstream: Int32, _ client: Int32) {
        guard let (table, backend) = opaqueBackend(client),
            connections[client].pointee.attempts.mayFollowUnseen(endpoints: table.endpoints(backend).count)
        else { return }
        beginHeadStart(upstream)
    }

    /// The head start is over: the connection becomes the rival of another attempt, if there is one to be made.
    func opaqueHeadStartEnded(_ index: Int32) {
        let client = connections[index].pointee.peer
        guard connections[client].pointee.peer == index, let (_, backend) = opaqueBackend(client) else { return }
        // It has not failed; but the other attempt is to go elsewhere.
        guard failedOpaque(client, at: connections[index].pointee.target.index, .stale) else { return }
        makeRival(withdraw(client), of: backend, numbering: snapshots.numbering)
        dismissOpaqueRival(client)
        connections[client].pointee.rival = index
        connections[index].pointee.peer = client
        openOpaque(client)
    }

    private func makeRival(_ upstream: Int32, of backend: Int32, numbering: UInt32) {
        let connection = connections[upstream]
        connection.pointee.backend = backend
        connection.pointee.numbering = numbering
        connection.pointee.flags.remove(.holdsLoad)
        balancer.released(connection.pointee.target.index)
    }

    /// One of the connections that are being made for an opaque client is there, and takes its bytes; the other is on
    /// its own.
    private func endOpaqueRivalry(_ client: Int32, for index: Int32) {
        guard connections[client].pointee.peer != index else {
            dismissOpaqueRival(client)
            return
        }
        if connections[client].pointee.peer >= 0 {
            let first = connections[index].pointee
            let other = withdraw(client)
            makeRival(other, of: first.backend, numbering: first.numbering)
            letGo(other)
        }
        _ = resumeOpaqueRival(client)
    }

    /// Nothing else is left to try, or needed: the client's bytes go to the connection that was slow to be made. False
    /// when there is none.
    private func resumeOpaqueRival(_ client: Int32) -> Bool {
        let rival = connections[client].pointee.rival
        guard rival >= 0 else { return false }
        connections[client].pointee.rival = -1
        connections[rival].pointee.flags.insert(.holdsLoad)
        balancer.held(connections[rival].pointee.target.index)
        join(client, rival)
        return true
    }

    /// What is still being made beside an opaque client's connection is on its own.
    func dismissOpaqueRival(_ client: Int32) {
        let rival = connections[client].pointee.rival
        guard rival >= 0 else { return }
        connections[client].pointee.rival = -1
        connections[rival].pointee.peer = -1
        letGo(rival)
    }
}
