internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// From a decision to bytes on an endpoint's connection. See `Worker+attempt.swift` for which.
extension Worker {
    func forward(_ exchange: Int32, _ request: inout RoutedRequest, _ snapshot: Snapshot) {
        let e = exchanges[exchange]
        var writer = ByteWriter(headRoom)
        composeRequest(exchange, request, snapshot, into: &writer)
        guard !writer.overflowed else {
            request.consumed = request.bytes.count
            answer(
                exchange, .limit, status: 431, text: "the head is too large once the route has edited it", closing: true
            )
            return
        }
        let head = writer.written
        request.consumed = request.headLength
        retain(exchange, head, snapshot)
        switch beginAttempt(exchange, snapshot) {
        case .failed(let flag):
            answer(exchange, flag)
        case .undiscovered:
            awaitDiscovery(exchange, snapshot)
        case .connecting:
            guard case .sent = sendLater(exchange, head) else {
                fail(exchange, .overload)
                return
            }
            afterHead(exchange)
        case .connected:
            feedAfterHead(exchange, &request, head: head)
        }
        if connections[e.pointee.client].pointee.fd >= 0 && e.pointee.client >= 0 { armExchange(exchange) }
    }

    /// Room for a composed head; the rest of `outgoing` takes framed body behind it.
    private var headRoom: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: outgoing[..<Worker.largestComposedHead])
    }

    static var largestComposedHead: Int { 96 << 10 }

    func armExchange(_ exchange: Int32) {
        let client = exchanges[exchange].pointee.client
        if client >= 0, connections[client].pointee.exchange == exchange { arm(client) }
    }

    // MARK: Sending

    private func sendLater(_ exchange: Int32, _ head: UnsafeRawBufferPointer) -> BodyFeed.Sent {
        let upstream = connections[exchanges[exchange].pointee.upstream]
        return buffers.append(head, to: &upstream.pointee.output) ? .sent : .failed
    }

    /// The head is on its way; without a body so is the whole request.
    func afterHead(_ exchange: Int32) {
        let e = exchanges[exchange]
        if !e.pointee.flags.contains(.hasBody) { _ = e.pointee.progress.requestSent() }
    }

    private func feedAfterHead(_ exchange: Int32, _ request: inout RoutedRequest, head: UnsafeRawBufferPointer) {
        let e = exchanges[exchange]
        guard e.pointee.flags.contains(.hasBody) else {
            // Before the send, whose failure may begin another attempt: that one has the whole request as well.
            afterHead(exchange)
            if case .failed = send(e.pointee.upstream, head) { endpointBroke(e.pointee.upstream) }
            return
        }
        let body = UnsafeRawBufferPointer(rebasing: request.bytes[request.headLength...])
        request.consumed = request.headLength + feedRequestBody(exchange, body, prefix: head.count)
    }

    // MARK: What another attempt needs

    /// Bytes of a request that are kept so that it can be sent to another endpoint.
    static var mostRetained: Int { BufferPool.medium }

    /// Keeps a composed head until an answer begins; and what is going to be sent of a body, if there is a second
    /// endpoint to send it to.
    private func retain(_ exchange: Int32, _ head: UnsafeRawBufferPointer, _ snapshot: Snapshot) {
        let e = exchanges[exchange]
        let hasBody = e.pointee.flags.contains(.hasBody)
        guard e.pointee.backend >= 0 || !hasBody, buffers.append(head, to: &e.pointee.retained) else { return }
        e.pointee.retainedHead = UInt32(truncatingIfNeeded: head.count)
        if hasBody && snapshot.endpoints.endpoints(e.pointee.backend).count > 1 {
            e.pointee.flags.insert(.keepsBody)
        }
    }

    /// Keeps what has been sent of a body beside its head. A body that is too long for that is sent once.
    func keepSent(_ exchange: Int32, _ bytes: UnsafeRawBufferPointer) {
        let e = exchanges[exchange]
        guard !bytes.isEmpty, !e.pointee.retained.isEmpty else { return }
        guard e.pointee.flags.contains(.keepsBody),
            e.pointee.retained.count + bytes.count <= Worker.mostRetained,
            buffers.append(bytes, to: &e.pointee.retained)
        else {
            buffers.release(&e.pointee.retained)
            return
        }
    }

    /// Sends what is retained in another attempt; the body comes once the connection is there.
    func sendRetained(_ attempt: Attempt, _ exchange: Int32, _ snapshot: Snapshot) {
        let e = exchanges[exchange]
        switch attempt {
        case .failed(let flag):
            if !resumeRival(exchange) { answer(exchange, flag) }
        case .undiscovered:
            awaitDiscovery(exchange, snapshot)
        case .connecting, .connected:
            let head = UnsafeRawBufferPointer(
                rebasing: e.pointee.retained.bytes.prefix(Int(e.pointee.retainedHead)))
            guard case .sent = sendLater(exchange, head) else {
                fail(exchange, .overload)
                return
            }
            afterHead(exchange)
            let upstream = e.pointee.upstream
            armExchange(exchange)
            if case .connected = attempt { upstreamWritable(upstream) }
        }
    }

    /// Puts back what was taken of a body, so that it is sent from its beginning. False when there is no room for it:
    /// the request cannot be sent again.
    func restartBody(_ exchange: Int32) -> Bool {
        let e = exchanges[exchange]
        e.pointee.progress.restart(requestSent: false)
        guard e.pointee.flags.contains(.hasBody) else { return true }
        let framing: BodyFraming =
            e.pointee.flags.contains(.chunkedRequest) ? .chunked : .length(e.pointee.bodyLength)
        e.pointee.requestBody = BodyDecoder(framing, limits: limits.http)
        e.pointee.requestBytes = 0
        let taken = UnsafeRawBufferPointer(
            rebasing: e.pointee.retained.bytes.dropFirst(Int(e.pointee.retainedHead)))
        guard !taken.isEmpty else { return true }
        let client = connections[e.pointee.client]
        var input = ByteBuffer()
        guard buffers.append(taken, to: &input), buffers.append(client.pointee.input.bytes, to: &input) else {
            buffers.release(&input)
            return false
        }
        buffers.release(&client.pointee.input)
        client.pointee.input = input
        client.pointee.flags.remove(.partialHead)
        e.pointee.retained.end = e.pointee.retained.start + e.pointee.retainedHead
        return true
    }

    /// The connection that was being made is there. What that says of the endpoint is said by its answer.
    func connected(exchange: Int32) {
        dismissRival(exchange)
        watchAcknowledgements(exchange)
        armExchange(exchange)
        if exchanges[exchange].pointee.flags.contains(.hasBody) { enqueue(exchanges[exchange].pointee.client) }
    }

    /// The endpoint's socket takes bytes: what waits for it goes out, and the client is read on.
    func upstreamWritable(_ index: Int32) {
        guard flushOutput(index) else {
            endpointBroke(index)
            return
        }
        let connection = connections[index]
        let exchange = connection.pointee.exchange
        guard exchange >= 0, connection.pointee.output.isEmpty else { return }
        if !exchanges[exchange].pointee.progress.isRequestSent { enqueue(exchanges[exchange].pointee.client) }
    }

    /// The endpoint's connection takes no more bytes. It may have answered before: what there is is read, and then its
    /// end.
    func endpointBroke(_ index: Int32) {
        connections[index].pointee.flags.insert([.writeEnded, .readable])
        buffers.release(&connections[index].pointee.output)
        enqueue(index)
    }

    /// Whether an endpoint has said something before it was asked: whatever that is, it answers no request.
    func speaksFirst(_ index: Int32) -> Bool {
        let connection = connections[index]
        guard connection.pointee.flags.contains(.readable) else { return false }
        switch readSome(index) {
        case .bytes:
            fail(connection.pointee.exchange, .upstreamBadResponse)
            return true
        case .nothing: return false
        // A connection that is ended at once: reading again shows it.
        case .ended, .failed:
            connection.pointee.flags.insert(.readable)
            return false
        }
    }
}
