internal import HTTP
internal import Reactor
internal import Telemetry

/// What feeding received bytes through a body decoder to the other side came to.
struct BodyFeed {
    enum Sent {
        case sent
        case failed
    }

    enum End {
        /// More of the body is to come.
        case more
        /// The body is whole.
        case whole
        case invalid(Rejection)
        /// The receiving socket failed.
        case failed
    }

    var end: End
    /// Bytes taken from the input; the rest must be kept.
    var consumed: Int
    /// Payload among them.
    var payload: UInt64
}

/// Bodies in both directions: decoded, framed anew where they are chunked, and sent on as they come.
extension Worker {
    /// Sends the payload in `bytes` to a connection, behind `prefix` bytes that stand composed at the start of
    /// `outgoing`.
    func feed(
        _ decoder: inout BodyDecoder, _ bytes: UnsafeRawBufferPointer, to target: Int32, chunked: Bool, prefix: Int
    ) -> BodyFeed {
        var pending = prefix
        var position = 0
        var payload: UInt64 = 0
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            switch decoder.consume(rest) {
            case .data(let range):
                let data = UnsafeRawBufferPointer(rebasing: rest[range])
                payload &+= UInt64(data.count)
                position += range.upperBound
                guard put(data, to: target, chunked: chunked, pending: &pending) else {
                    return BodyFeed(end: .failed, consumed: position, payload: payload)
                }
                // A body of known length needs no further step to know that it is whole.
                if !chunked && decoder.isComplete { return BodyFeed(end: .whole, consumed: position, payload: payload) }
            case .skip(let count):
                position += count
            case .needMore:
                let end: BodyFeed.End = flushComposed(pending, to: target) ? .more : .failed
                return BodyFeed(end: end, consumed: position, payload: payload)
            case .end(let consumed, let trailers):
                position += consumed
                if chunked {
                    var writer = composing(after: &pending, room: trailers.count + 16, to: target)
                    ChunkEncoder.last(rest, trailers: trailers, into: &writer)
                    pending += writer.count
                }
                let end: BodyFeed.End = flushComposed(pending, to: target) ? .whole : .failed
                return BodyFeed(end: end, consumed: position, payload: payload)
            case .invalid(let rejection):
                return BodyFeed(end: .invalid(rejection), consumed: position, payload: payload)
            }
        }
    }

    /// One stretch of payload: as it is, or as one chunk.
    private func put(
        _ data: UnsafeRawBufferPointer, to target: Int32, chunked: Bool, pending: inout Int
    ) -> Bool {
        guard chunked else {
            // A small body behind a head: one copy costs less than a vector for the kernel to walk.
            if pending > 0 && data.count <= Worker.smallBody && outgoing.count - pending >= data.count {
                UnsafeMutableRawBufferPointer(rebasing: outgoing[pending...]).copyMemory(from: data)
                let count = pending + data.count
                pending = 0
                return flushComposed(count, to: target)
            }
            let composed = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(outgoing)[..<pending])
            pending = 0
            if case .failed = send(target, composed, data) { return false }
            return true
        }
        var writer = composing(
            after: &pending, room: data.count + ChunkEncoder.largestHeader + ChunkEncoder.trailerLength, to: target)
        ChunkEncoder.header(data.count, into: &writer)
        writer.append(data)
        ChunkEncoder.trailer(into: &writer)
        pending += writer.count
        return !writer.overflowed
    }

    static var smallBody: Int { 4 << 10 }

    /// A writer behind what is composed already; when the room does not suffice that is sent first.
    private func composing(after pending: inout Int, room: Int, to target: Int32) -> ByteWriter {
        if outgoing.count - pending < room {
            _ = flushComposed(pending, to: target)
            pending = 0
        }
        return ByteWriter(UnsafeMutableRawBufferPointer(rebasing: outgoing[pending...]))
    }

    private func flushComposed(_ count: Int, to target: Int32) -> Bool {
        guard count > 0 else { return true }
        let composed = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(outgoing)[..<count])
        if case .failed = send(target, composed) { return false }
        return true
    }

    // MARK: Request bodies

    /// Sends on what has come of a request's body; returns how many bytes were taken.
    func feedRequestBody(_ exchange: Int32, _ bytes: UnsafeRawBufferPointer, prefix: Int) -> Int {
        let e = exchanges[exchange]
        let result = feed(
            &e.pointee.requestBody, bytes, to: e.pointee.upstream, chunked: e.pointee.flags.contains(.chunkedRequest),
            prefix: prefix)
        e.pointee.requestBytes &+= result.payload
        e.pointee.bodyDeadline = leastRate.deadline(e.pointee.bodyDeadline, after: result.payload, now: now)
        keepSent(exchange, UnsafeRawBufferPointer(rebasing: bytes[..<result.consumed]))
        if limits.bodyBytes > 0 && e.pointee.requestBytes > limits.bodyBytes {
            fail(exchange, .limit)
            return bytes.count
        }
        switch result.end {
        case .more: break
        case .whole:
            if case .finish = e.pointee.progress.requestSent() { finish(exchange) }
        case .invalid(let rejection):
            shard.reject(kind: rejection.rawValue)
            fail(exchange, refusing: rejection)
        case .failed: endpointBroke(e.pointee.upstream)
        }
        return result.consumed
    }

    /// Reads on in a request's body as long as the endpoint takes it.
    func pumpRequestBody(_ index: Int32) {
        let connection = connections[index]
        takeTurn(index) {
            let exchange = connection.pointee.exchange
            guard exchange >= 0 else { return false }
            let e = exchanges[exchange]
            guard !e.pointee.progress.isRequestSent, e.pointee.upstream >= 0 else { return false }
            let upstream = connections[e.pointee.upstream]
            guard upstream.pointee.output.isEmpty, upstream.pointee.phase == .http,
                !upstream.pointee.flags.contains(.writeEnded)
            else { return false }
            return pumpOnce(index, exchange)
        }
    }

    /// One read's worth; false when there is nothing more for now.
    private func pumpOnce(_ index: Int32, _ exchange: Int32) -> Bool {
        let connection = connections[index]
        if !connection.pointee.input.isEmpty && !connection.pointee.flags.contains(.partialHead) {
            return pumpInput(index, exchange)
        }
        switch readSome(index) {
        case .nothing: return false
        case .ended, .failed:
            fail(exchange, .clientDisconnect)
            return false
        case .bytes(let count):
            let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch)[..<count])
            guard connection.pointee.input.isEmpty else {
                guard buffers.append(bytes, to: &connection.pointee.input) else {
                    fail(exchange, .limit)
                    return false
                }
                return pumpInput(index, exchange)
            }
            let consumed = feedRequestBody(exchange, bytes, prefix: 0)
            guard connection.pointee.fd >= 0 else { return false }
            if consumed < count {
                _ = buffers.append(
                    UnsafeRawBufferPointer(rebasing: bytes[consumed...]), to: &connection.pointee.input)
                markIncompleteFraming(index)
            }
            return true
        }
    }

    private func pumpInput(_ index: Int32, _ exchange: Int32) -> Bool {
        let connection = connections[index]
        let consumed = feedRequestBody(exchange, connection.pointee.input.bytes, prefix: 0)
        guard connection.pointee.fd >= 0, connection.pointee.exchange == exchange || connection.pointee.exchange < 0
        else {
            return false
        }
        connection.pointee.flags.remove(.partialHead)
        guard connection.pointee.input.count >= consumed else { return false }
        connection.pointee.input.consume(consumed)
        if connection.pointee.input.isEmpty {
            buffers.release(&connection.pointee.input)
        } else {
            markIncompleteFraming(index)
        }
        return true
    }

    /// What is left of the input cannot be read without more behind it (a trailer section in parts).
    private func markIncompleteFraming(_ index: Int32) {
        let connection = connections[index]
        let exchange = connection.pointee.exchange
        guard exchange >= 0 else {
            // The body was the last that its exchange waited for: what is left is the next request.
            enqueue(index)
            return
        }
        if !exchanges[exchange].pointee.progress.isRequestSent { connection.pointee.flags.insert(.partialHead) }
    }
}
