internal import Balancing
internal import Reactor
internal import TLS
internal import Telemetry

/// Opening, writing to and closing sockets of either side.
extension Worker {
    enum SendOutcome {
        /// All is with the kernel.
        case sent
        /// The rest waits in the connection's output; whoever produces more must wait.
        case queued
        /// The connection is of no more use; the caller decides what that means.
        case failed
    }

    /// Sends two stretches in order, keeping in the connection's output what the socket cannot take now.
    func send(
        _ index: Int32, _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) -> SendOutcome {
        let connection = connections[index]
        if !connection.pointee.output.isEmpty || connection.pointee.phase == .connecting {
            return queue(first, second, on: connection)
        }
        switch transmit(connection, first, second) {
        case .bytes(let count):
            connection.pointee.lastActivity = now
            if count == first.count + second.count { return .sent }
            return queue(
                Worker.rest(first, after: count), Worker.rest(second, after: count - first.count), on: connection)
        case .wouldBlock:
            return queue(first, second, on: connection)
        case .failed(let code):
            connection.pointee.error = code
            return .failed
        }
    }

    private func queue(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
        on connection: UnsafeMutablePointer<Connection>
    ) -> SendOutcome {
        if connection.pointee.output.isEmpty { connection.pointee.untaken.began(now: now) }
        guard buffers.append(first, to: &connection.pointee.output),
            buffers.append(second, to: &connection.pointee.output)
        else { return .failed }
        return .queued
    }

    private static func rest(_ bytes: UnsafeRawBufferPointer, after count: Int) -> UnsafeRawBufferPointer {
        count <= 0
            ? bytes
            : count >= bytes.count
                ? UnsafeRawBufferPointer(start: nil, count: 0) : UnsafeRawBufferPointer(rebasing: bytes[count...])
    }

    /// Sends what waits; false when the socket failed. Afterwards `output` is empty or the socket is full.
    func flushOutput(_ index: Int32) -> Bool {
        let connection = connections[index]
        while !connection.pointee.output.isEmpty {
            switch transmit(connection, connection.pointee.output.bytes) {
            case .bytes(let count):
                connection.pointee.lastActivity = now
                connection.pointee.output.consume(count)
            case .wouldBlock:
                return true
            case .failed(let code):
                connection.pointee.error = code
                return false
            }
        }
        buffers.release(&connection.pointee.output)
        return true
    }

    /// What a read of a connection's socket came to; the bytes are in `scratch`.
    enum ReadOutcome {
        case bytes(Int)
        case ended
        case nothing
        case failed
    }

    /// One read into `scratch`. Fewer bytes than there is room for means that there are no more for now.
    func readSome(_ index: Int32) -> ReadOutcome {
        let connection = connections[index]
        guard connection.pointee.flags.contains(.readable) else { return .nothing }
        switch receive(connection, into: readRoom) {
        case .bytes(0):
            connection.pointee.flags.remove(.readable)
            connection.pointee.flags.insert(.readEnded)
            return .ended
        case .bytes(let count):
            connection.pointee.lastActivity = now
            if count < readRoom.count && !connection.pointee.flags.contains(.peerClosed) {
                connection.pointee.flags.remove(.readable)
            }
            return .bytes(count)
        case .wouldBlock:
            connection.pointee.flags.remove(.readable)
            return .nothing
        case .failed(let code):
            // The first failure says why; what follows it only that there was one.
            if connection.pointee.error == 0 { connection.pointee.error = code }
            return .failed
        }
    }

    /// `closeConnection` where nothing is missing: a TLS client is told so, and need not suspect that something was cut
    /// off.
    func closeOrderly(_ index: Int32) {
        connections[index].pointee.tls?.shutdown()
        closeConnection(index)
    }

    /// Closes a socket and gives back everything the connection owns. Its exchange or tunnel peer is the caller's
    /// concern.
    func closeConnection(_ index: Int32) {
        let connection = connections[index]
        guard connection.pointee.fd >= 0 else { return }
        wheel.disarm(index, link: timerLink)
        if connection.pointee.phase == .idle { leaveIdle(index) }
        if connection.pointee.phase == .flushing || connection.pointee.phase == .lingering { departing -= 1 }
        if connection.pointee.flags.contains(.holdsLoad) { balancer.released(connection.pointee.target.index) }
        if connection.pointee.flags.contains(.bound) {
            if connection.pointee.role == .client { closeBound(of: index) } else { unbind(index) }
        }
        if connection.pointee.rival >= 0 { dismissOpaqueRival(index) }
        freeSession(connection)
        Socket.close(connection.pointee.fd)
        connection.pointee.fd = -1
        buffers.release(&connection.pointee.input)
        buffers.release(&connection.pointee.output)
        if connection.pointee.role == .client {
            shard.subtract(.connectionsActive, connection.pointee.door)
        } else {
            shard.subtract(.upstreamConnectionsActive)
        }
        giveBackPlace(index)
    }

    func timerLink(_ index: Int32) -> UnsafeMutablePointer<TimerLink> {
        // The link lies inside the connection, whose address is stable.
        UnsafeMutableRawPointer(connections[index])
            .advanced(by: Worker.timerOffset).assumingMemoryBound(to: TimerLink.self)
    }

    private static let timerOffset = MemoryLayout<Connection>.offset(of: \Connection.timer) ?? 0
}
