internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// Bytes both ways without a look at them: opaque connections, and HTTP connections that have been upgraded.
extension Worker {
    /// 101: the response goes to the client, and both connections become a tunnel. One that nobody asked for, or that
    /// names another protocol than was offered, would open a tunnel past the routes (RFC 9110 section 7.8).
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
    func passEnd(from index: Int32) {
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

    /// One side has been reset or cannot be reached: so is the other, which must not take a part of the stream for the
    /// whole.
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
        dismissOpaqueRival(client)
        let peer = connections[client].pointee.peer
        leaveTunnel(client)
        connections[client].pointee.peer = -1
        connections[client].pointee.flags.remove(.opaque)
        if peer >= 0 {
            connections[peer].pointee.peer = -1
            closeConnection(peer)
        }
    }

    func leaveTunnel(_ index: Int32) {
        tunnels -= 1
        let connection = connections[index]
        let client = connection.pointee.role == .client ? index : connection.pointee.peer
        guard client >= 0, connections[client].pointee.flags.contains(.opaque) else { return }
        shard.subtract(.opaqueConnectionsActive, connections[client].pointee.door)
    }
}
