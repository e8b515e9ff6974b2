internal import Reactor
internal import Telemetry

/// Connections to endpoints: taken from the pool of their target, or made.
extension Worker {
    /// The newest idle connection to a target that is still good; nil when there is none.
    func takeIdle(_ target: Target, address: SocketAddress) -> Int32? {
        guard let pool = pools.pool(target) else { return nil }
        while pool.pointee.head >= 0 {
            let index = pool.pointee.head
            unlinkIdle(index)
            let connection = connections[index]
            // A number that was given to another endpoint since: its old connections are of no use.
            guard connection.pointee.remote == address, !hasUnasked(connection.pointee) else {
                closeConnection(index)
                continue
            }
            leaveIdle(index)
            connection.pointee.phase = .http
            connection.pointee.flags.insert(.reused)
            connection.pointee.lastActivity = now
            shard.add(.poolReuses)
            return index
        }
        return nil
    }

    /// Something has come over a connection to which nobody has sent a request: it would be taken for the answer to the
    /// next one.
    func hasUnasked(_ connection: Connection) -> Bool {
        connection.flags.contains(.readable) || (hasUnseenEvents && Socket.isReadable(connection.fd))
    }

    /// Keeps a connection for the next request to its target, or closes it when there are enough.
    func putIdle(_ index: Int32) {
        let connection = connections[index]
        guard let pool = pools.pool(connection.pointee.target), Int(pool.pointee.count) < limits.idlePerEndpoint else {
            closeConnection(index)
            return
        }
        connection.pointee.phase = .idle
        joinIdle(index)
        connection.pointee.exchange = -1
        connection.pointee.lastActivity = now
        connection.pointee.poolPrevious = -1
        connection.pointee.poolNext = pool.pointee.head
        if pool.pointee.head >= 0 { connections[pool.pointee.head].pointee.poolPrevious = index }
        pool.pointee.head = index
        pool.pointee.count += 1
        shard.add(.upstreamConnectionsIdle)
        arm(index)
    }

    private func unlinkIdle(_ index: Int32) {
        let connection = connections[index]
        guard let pool = pools.pool(connection.pointee.target) else { return }
        let next = connection.pointee.poolNext
        let previous = connection.pointee.poolPrevious
        if previous >= 0 { connections[previous].pointee.poolNext = next } else { pool.pointee.head = next }
        if next >= 0 { connections[next].pointee.poolPrevious = previous }
        connection.pointee.poolNext = -1
        connection.pointee.poolPrevious = -1
        pool.pointee.count -= 1
        shard.subtract(.upstreamConnectionsIdle)
    }

    func discardIdle(_ index: Int32) {
        if !connections[index].pointee.flags.contains(.bound) { unlinkIdle(index) }
        closeConnection(index)
    }

    /// Closes the idle connections to a target that has turned out not to be there.
    func dropIdle(_ target: Target) {
        guard let pool = pools.pool(target) else { return }
        while pool.pointee.head >= 0 { discardIdle(pool.pointee.head) }
    }

    /// The pool of a fixed address.
    func directTarget(_ address: SocketAddress) -> Target {
        let (target, wasOthers) = pools.directTarget(address)
        if wasOthers { dropIdle(target) }
        return target
    }

    /// How a connection to an endpoint began.
    enum Opening {
        case opened(Int32)
        /// It cannot be reached.
        case refused
        /// There is no room for another connection here: not the endpoint's fault.
        case exhausted
    }

    /// Begins a connection to a target.
    ///
    /// - Parameters:
    ///   - door: the one whose client needs it.
    ///   - evicting: another may have to make room for it.
    func openUpstream(_ target: Target, address: SocketAddress, for door: Door, evicting: Bool = true) -> Opening {
        guard let index = takeEndpointPlace(door, evicting: evicting) else {
            shard.add(.overloadRefusals)
            return .exhausted
        }
        let fd: Int32
        switch connect(to: address, for: door, evicting: evicting) {
        case .success(let opened):
            fd = opened
        case .failure(let error):
            giveBackPlace(index)
            shard.add(error.isExhaustion ? .overloadRefusals : .connectFailures)
            return error.isExhaustion ? .exhausted : .refused
        }
        Socket.setKeepalive(fd, upstreamKeepalive)
        let connection = connections[index]
        connection.pointee.fd = fd
        connection.pointee.generation = nextGeneration()
        connection.pointee.phase = .connecting
        connection.pointee.remote = address
        connection.pointee.target = target
        connection.pointee.lastActivity = now
        shard.add(.upstreamConnectionsOpened)
        shard.add(.upstreamConnectionsActive)
        let token = Token(.connection, index: index, generation: connection.pointee.generation)
        guard poller.add(fd, token: token.rawValue) else {
            closeConnection(index)
            return .exhausted
        }
        arm(index)
        return .opened(index)
    }

    /// Out of descriptors, one that an idle connection has is taken instead.
    private func connect(
        to address: SocketAddress, for door: Door, evicting: Bool
    ) -> Result<Int32, SystemError> {
        let first = Socket.connect(to: address)
        guard case .failure(let error) = first, error.isDescriptorExhaustion, evicting, makeDescriptorRoom(door) else {
            return first
        }
        return Socket.connect(to: address)
    }

    func upstreamEvent(_ index: Int32, _ event: Poller.Event) {
        let connection = connections[index]
        if event.isReadClosed { connection.pointee.flags.insert(.peerClosed) }
        if event.isReadable || event.isHungUp { connection.pointee.flags.insert(.readable) }
        switch connection.pointee.phase {
        case .connecting:
            guard event.isWritable || event.isHungUp else { return }
            finishConnecting(index)
        case .idle:
            // Bytes nobody asked for, or the end of the connection: both make it useless.
            if event.isReadable || event.isHungUp { discardIdle(index) }
        case .tunnel:
            tunnelEvent(index, event)
        default:
            if event.isWritable && !connection.pointee.output.isEmpty { upstreamWritable(index) }
            if connections[index].pointee.fd >= 0, connections[index].pointee.flags.contains(.readable) {
                serveUpstream(index)
            }
        }
    }

    private func finishConnecting(_ index: Int32) {
        let connection = connections[index]
        // One that is accepted and closed at once has taken nothing of the request, which has not been sent yet.
        let isClosed = connection.pointee.exchange >= 0 && connection.pointee.flags.contains(.peerClosed)
        guard Socket.connectionError(connection.pointee.fd) == 0, !isClosed else {
            connectFailed(index, timedOut: false)
            return
        }
        wheel.disarm(index, link: timerLink)
        connection.pointee.lastActivity = now
        if connection.pointee.exchange >= 0 {
            connection.pointee.phase = .http
            if exchanges[connection.pointee.exchange].pointee.upstream != index {
                rivalConnected(index, connection.pointee.exchange)
                guard connection.pointee.fd >= 0, connection.pointee.exchange >= 0 else { return }
            }
            guard !speaksFirst(index) else { return }
            connected(exchange: connection.pointee.exchange)
            upstreamWritable(index)
            if connections[index].pointee.fd >= 0, connections[index].pointee.flags.contains(.readable) {
                serveUpstream(index)
            }
        } else if connection.pointee.peer >= 0 {
            tunnelConnected(index)
        } else {
            lateConnected(index)
        }
    }
}
