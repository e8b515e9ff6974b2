internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// The endpoint's answer: head, body, and what they mean for both connections.
extension Worker {
    /// Reads what an endpoint sends, as long as the client takes it.
    func serveUpstream(_ index: Int32) {
        let connection = connections[index]
        takeTurn(index) {
            if connection.pointee.phase == .tunnel {
                pumpTunnel(index)
                return false
            }
            guard connection.pointee.phase == .http, connection.pointee.exchange >= 0 else { return false }
            let exchange = connection.pointee.exchange
            guard connections[exchanges[exchange].pointee.client].pointee.output.isEmpty else { return false }
            switch readSome(index) {
            case .nothing where connection.pointee.flags.contains(.writeEnded), .ended, .failed:
                upstreamEnded(index)
                return false
            case .nothing: return false
            case .bytes(let count):
                takeResponseBytes(
                    index, exchange, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch)[..<count]))
                return true
            }
        }
    }

    private func takeResponseBytes(_ index: Int32, _ exchange: Int32, _ fresh: UnsafeRawBufferPointer) {
        let connection = connections[index]
        // The answer was whole; what comes behind it was asked for by nobody.
        guard !exchanges[exchange].pointee.progress.isResponseComplete else {
            exchanges[exchange].pointee.flags.remove(.keepsUpstream)
            return
        }
        guard connection.pointee.input.isEmpty else {
            guard buffers.append(fresh, to: &connection.pointee.input) else {
                fail(exchange, .upstreamBadResponse)
                return
            }
            let consumed = takeResponse(index, exchange, connection.pointee.input.bytes)
            guard connection.pointee.fd >= 0, connection.pointee.exchange == exchange else { return }
            connection.pointee.input.consume(min(consumed, connection.pointee.input.count))
            if connection.pointee.input.isEmpty { buffers.release(&connection.pointee.input) }
            return
        }
        let consumed = takeResponse(index, exchange, fresh)
        guard connection.pointee.fd >= 0, connection.pointee.exchange == exchange, consumed < fresh.count else {
            return
        }
        if !buffers.append(UnsafeRawBufferPointer(rebasing: fresh[consumed...]), to: &connection.pointee.input) {
            fail(exchange, .upstreamBadResponse)
        }
    }

    /// Takes response bytes from the first that was not taken; returns how many were.
    private func takeResponse(_ index: Int32, _ exchange: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        let e = exchanges[exchange]
        var position = 0
        while e.pointee.progress.isResponseAwaited {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            guard !rest.isEmpty else { return position }
            let connection = connections[index]
            var scanned = Int(connection.pointee.scanned)
            let result = responseHead.parse(rest, method: e.pointee.method, limits: limits.http, scanned: &scanned)
            switch result {
            case .incomplete:
                connection.pointee.scanned = UInt32(truncatingIfNeeded: scanned)
                return position
            case .invalid:
                fail(exchange, .upstreamBadResponse)
                return bytes.count
            case .complete(let length):
                connection.pointee.scanned = 0
                position += length
                let head = UnsafeRawBufferPointer(rebasing: rest[..<length])
                if responseHead.isInterim {
                    passInterim(exchange, head)
                } else if responseHead.isSwitchingProtocols {
                    switchProtocols(exchange, head, rest: UnsafeRawBufferPointer(rebasing: bytes[position...]))
                    return bytes.count
                } else {
                    return position
                        + beginResponse(exchange, head, body: UnsafeRawBufferPointer(rebasing: bytes[position...]))
                }
            }
            guard connections[index].pointee.exchange == exchange else { return bytes.count }
        }
        return position + feedResponseBody(exchange, UnsafeRawBufferPointer(rebasing: bytes[position...]), prefix: 0)
    }

    /// 100 (Continue) and its like go to clients that know them. An endpoint that sends nothing else is broken.
    private func passInterim(_ exchange: Int32, _ head: UnsafeRawBufferPointer) {
        let e = exchanges[exchange]
        e.pointee.interims += 1
        guard e.pointee.interims <= ProxyLimits.interimResponses else {
            fail(exchange, .upstreamBadResponse)
            return
        }
        if !responseHead.keepAlive { e.pointee.flags.insert(.hasDoubtfulUpstream) }
        guard !e.pointee.flags.contains(.isHTTP10) else { return }
        var writer = ByteWriter(outgoing)
        composeInterim(head, into: &writer)
        if case .failed = send(e.pointee.client, writer.written) {
            fail(exchange, .clientDisconnect)
            return
        }
        noteHeldUp(exchange)
    }

    private func beginResponse(
        _ exchange: Int32, _ head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer
    ) -> Int {
        let e = exchanges[exchange]
        guard judgeAnswer(exchange, head) else { return body.count }
        buffers.release(&e.pointee.retained)
        e.pointee.progress.responseBegan()
        // Waiting for the head may have been without a deadline; a body is not.
        arm(e.pointee.client)
        e.pointee.status = UInt16(truncatingIfNeeded: responseHead.status)
        if responseHead.keepAlive && !e.pointee.flags.contains(.hasDoubtfulUpstream) {
            e.pointee.flags.insert(.keepsUpstream)
        }
        if ConnectionAuthentication.isBound(responseHead.fields, in: head) { e.pointee.flags.insert(.boundToClient) }
        e.pointee.responseBody = BodyDecoder(responseHead.body, limits: limits.http)
        frameResponse(exchange)
        armIdle(e.pointee.client)
        var writer = ByteWriter(outgoing)
        composeResponse(exchange, head, into: &writer)
        guard !writer.overflowed else {
            e.pointee.progress.restart(requestSent: e.pointee.progress.isRequestSent)
            fail(exchange, .upstreamBadResponse)
            return body.count
        }
        return feedResponseBody(exchange, body, prefix: writer.count)
    }

    /// How the body is delimited towards the client.
    private func frameResponse(_ exchange: Int32) {
        let e = exchanges[exchange]
        switch responseHead.body {
        case .none, .length: break
        case .chunked, .untilClose:
            if e.pointee.flags.contains(.isHTTP10) {
                e.pointee.flags.insert(.closeDelimited)
                e.pointee.flags.remove(.keepsClient)
            } else {
                e.pointee.flags.insert(.chunkedResponse)
            }
        }
        // Where the rest of the request is not read there is nothing to continue with; the client is told (RFC 9112
        // section 9.6).
        if !e.pointee.progress.isRequestSent && !e.pointee.flags.contains(.keepsUpstream) {
            e.pointee.flags.remove(.keepsClient)
        }
        if endsClients(at: e.pointee.door) { e.pointee.flags.remove(.keepsClient) }
    }

    private func feedResponseBody(_ exchange: Int32, _ bytes: UnsafeRawBufferPointer, prefix: Int) -> Int {
        let e = exchanges[exchange]
        let result = feed(
            &e.pointee.responseBody, bytes, to: e.pointee.client, chunked: e.pointee.flags.contains(.chunkedResponse),
            prefix: prefix)
        e.pointee.responseBytes &+= result.payload
        switch result.end {
        case .more: noteHeldUp(exchange)
        case .whole:
            // Bytes behind the response were asked for by nobody: the connection cannot be trusted with another
            // request.
            if result.consumed < bytes.count { e.pointee.flags.remove(.keepsUpstream) }
            responseEnded(exchange)
            return bytes.count
        case .invalid: fail(exchange, .upstreamBadResponse)
        case .failed: fail(exchange, .clientDisconnect)
        }
        return result.consumed
    }

    /// The end of the connection was the end of the response.
    func endCloseDelimited(_ exchange: Int32) {
        let e = exchanges[exchange]
        e.pointee.flags.remove(.keepsUpstream)
        if e.pointee.flags.contains(.chunkedResponse) {
            var writer = ByteWriter(outgoing)
            ChunkEncoder.last(into: &writer)
            if case .failed = send(e.pointee.client, writer.written) {
                fail(exchange, .clientDisconnect)
                return
            }
        }
        finish(exchange)
    }

    private func responseEnded(_ exchange: Int32) {
        let e = exchanges[exchange]
        switch e.pointee.progress.responseEnded(endpointReadsOn: e.pointee.flags.contains(.keepsUpstream)) {
        case .wait:
            enqueue(e.pointee.client)
        case .finishAndClose:
            e.pointee.flags.remove(.keepsUpstream)
            e.pointee.flags.remove(.keepsClient)
            finish(exchange)
        default:
            finish(exchange)
        }
    }

    // MARK: The end of an exchange

    /// Both messages are whole (or nothing more will come of them): record, and let the connections go on.
    func finish(_ exchange: Int32) {
        let e = exchanges[exchange]
        let client = e.pointee.client
        let upstream = e.pointee.upstream
        let keepsClient =
            e.pointee.flags.contains(.keepsClient) && e.pointee.progress.isRequestSent
            && !endsClients(at: e.pointee.door)
        let keepsUpstream = e.pointee.flags.contains(.keepsUpstream) && e.pointee.progress.isRequestSent
        let isBound = e.pointee.flags.contains(.boundToClient)
        record(exchange)
        release(exchange)
        if upstream >= 0 {
            connections[upstream].pointee.exchange = -1
            if keepsUpstream && connections[upstream].pointee.output.isEmpty
                && connections[upstream].pointee.input.isEmpty
                && !connections[upstream].pointee.flags.contains(.peerClosed) && (!isBound || keepsClient)
            {
                if isBound { bind(upstream, to: client) } else { putIdle(upstream) }
            } else {
                closeConnection(upstream)
            }
        }
        continueClient(client, keeps: keepsClient)
    }

    private func continueClient(_ client: Int32, keeps: Bool) {
        let connection = connections[client]
        guard connection.pointee.fd >= 0 else { return }
        connection.pointee.exchange = -1
        connection.pointee.lastActivity = now
        guard keeps else {
            endClient(client)
            return
        }
        connection.pointee.flags.remove(.partialHead)
        connection.pointee.phase = .http
        armIdle(client)
        if !connection.pointee.input.isEmpty || connection.pointee.flags.contains(.readable) { enqueue(client) }
    }

    /// Gives back all that an exchange owns but its connections.
    func release(_ exchange: Int32) {
        let e = exchanges[exchange]
        releaseLoad(exchange)
        dismissRival(exchange)
        buffers.release(&e.pointee.retained)
        buffers.release(&e.pointee.offer)
        buffers.release(&e.pointee.line.bytes)
        releaseSnapshot(of: exchange)
        shard.subtract(.requestsActive, e.pointee.door)
        exchangeSlab.give(back: exchange)
    }
}
