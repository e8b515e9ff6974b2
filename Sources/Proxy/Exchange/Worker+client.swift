internal import HTTP
internal import Reactor
internal import Telemetry

/// The client's side of HTTP/1.1: reading heads, one exchange at a time, and the end of a connection.
extension Worker {
    func clientEvent(_ index: Int32, _ event: Poller.Event) {
        let connection = connections[index]
        if event.isReadClosed {
            connection.pointee.flags.insert(.peerClosed)
            if connection.pointee.exchange >= 0 { arm(index) }
        }
        // A TLS session may have to write before it can read on, so that any event may mean bytes.
        if event.isReadable || connection.pointee.tls != nil { connection.pointee.flags.insert(.readable) }
        if connection.pointee.phase == .tunnel {
            // Both directions may have ended in order, with bytes that are still to be read.
            if event.isHungUp { connection.pointee.flags.insert(.readable) }
            tunnelEvent(index, event)
            return
        }
        if connection.pointee.phase == .handshaking {
            continueHandshake(index)
            return
        }
        if event.isHungUp {
            clientGone(index)
            return
        }
        let isHeldBack = !connection.pointee.output.isEmpty || connection.pointee.phase == .flushing
        if event.isWritable && isHeldBack && !clientWritable(index) { return }
        if connection.pointee.flags.contains(.readable) { serveClient(index) }
    }

    /// Does what the connection's phase has to do with what can be read, until there is nothing more to do now.
    func serveClient(_ index: Int32) {
        let connection = connections[index]
        takeTurn(index) {
            switch connection.pointee.phase {
            case .detecting:
                return detect(index)
            case .http where connection.pointee.exchange >= 0:
                pumpRequestBody(index)
            case .http:
                // Answers wait until the client reads; so do its further requests, else they would pile up here.
                return connection.pointee.output.isEmpty && readHead(index)
            case .tunnel:
                pumpTunnel(index)
            case .lingering:
                drainLingering(index)
            default:
                break
            }
            return false
        }
    }

    /// Reads and parses the next request's head; true when a request was taken up (and perhaps answered already).
    private func readHead(_ index: Int32) -> Bool {
        let connection = connections[index]
        var isFresh = false
        var bytes = connection.pointee.input.bytes
        if bytes.isEmpty || connection.pointee.flags.contains(.partialHead) {
            switch readSome(index) {
            case .nothing: return false
            case .ended:
                closeOrderly(index)
                return false
            case .failed:
                closeConnection(index)
                return false
            case .bytes(let count):
                bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch)[..<count])
                isFresh = connection.pointee.input.isEmpty
                if !isFresh {
                    guard buffers.append(bytes, to: &connection.pointee.input) else {
                        refuse(index, .headTooLarge)
                        return false
                    }
                    bytes = connection.pointee.input.bytes
                }
            }
        }
        return parseHead(index, bytes, isFresh: isFresh)
    }

    private func parseHead(_ index: Int32, _ bytes: UnsafeRawBufferPointer, isFresh: Bool) -> Bool {
        let connection = connections[index]
        if connection.pointee.flags.contains(.http2) { return refuseHTTP2(index, bytes, isFresh: isFresh) }
        var scanned = Int(connection.pointee.scanned)
        switch requestHead.parse(bytes, limits: limits.http, scanned: &scanned) {
        case .incomplete:
            connection.pointee.scanned = UInt32(truncatingIfNeeded: scanned)
            return awaitRestOfHead(index, bytes, isFresh: isFresh)
        case .invalid(.unsupportedVersion) where HTTP2Opening(bytes) != .otherProtocol:
            return refuseHTTP2(index, bytes, isFresh: isFresh)
        case .invalid(let rejection):
            refuse(index, rejection)
            return false
        case .complete(let length):
            connection.pointee.scanned = 0
            connection.pointee.headStarted = 0
            connection.pointee.flags.remove(.partialHead)
            guard !isAmbiguous(at: connection.pointee.door) else {
                refuse(index, .ambiguousFieldName)
                return false
            }
            let consumed = takeRequest(index, bytes, headLength: length)
            keepRest(index, bytes, after: consumed, isFresh: isFresh)
            return true
        }
    }

    /// Keeps a head's beginning until more comes, within the time for a head; true when there may be more to read at
    /// once.
    func awaitRestOfHead(_ index: Int32, _ bytes: UnsafeRawBufferPointer, isFresh: Bool) -> Bool {
        let connection = connections[index]
        if connection.pointee.flags.contains(.readEnded) {
            closeConnection(index)
            return false
        }
        if isFresh && !buffers.append(bytes, to: &connection.pointee.input) {
            refuse(index, .headTooLarge)
            return false
        }
        connection.pointee.flags.insert(.partialHead)
        if connection.pointee.headStarted == 0 {
            connection.pointee.headStarted = now
            arm(index)
        }
        return connection.pointee.flags.contains(.readable)
    }

    /// A field that an application may take for another one: at the edge its name would be looked at in vain.
    private func isAmbiguous(at door: Door) -> Bool {
        door == .gateway && requestHead.fields.contains(.ambiguous) && !options.allowsAmbiguousFields
    }

    /// What follows the consumed bytes belongs to the next request, or to a body that cannot move on yet.
    private func keepRest(_ index: Int32, _ bytes: UnsafeRawBufferPointer, after consumed: Int, isFresh: Bool) {
        let connection = connections[index]
        guard connection.pointee.fd >= 0 else { return }
        if isFresh {
            guard consumed < bytes.count else { return }
            _ = buffers.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...]), to: &connection.pointee.input)
        } else {
            connection.pointee.input.consume(min(consumed, connection.pointee.input.count))
            if connection.pointee.input.isEmpty { buffers.release(&connection.pointee.input) }
        }
    }

    /// The socket takes bytes again: true when the connection is still there.
    private func clientWritable(_ index: Int32) -> Bool {
        let connection = connections[index]
        guard flushOutput(index) else {
            clientGone(index)
            return false
        }
        guard connection.pointee.output.isEmpty else { return true }
        switch connection.pointee.phase {
        case .flushing:
            beginLingering(index)
        case .http:
            let exchange = connection.pointee.exchange
            // The response was held back: read on from where it comes.
            if exchange >= 0 && exchanges[exchange].pointee.upstream >= 0 {
                enqueue(exchanges[exchange].pointee.upstream)
            } else if exchange < 0 {
                enqueue(index)
            }
        default:
            break
        }
        return connections[index].pointee.fd >= 0
    }

    /// Both directions are gone, or writing failed.
    func clientGone(_ index: Int32) {
        let connection = connections[index]
        if connection.pointee.phase == .tunnel {
            closeTunnel(index)
        } else if connection.pointee.exchange >= 0 {
            fail(connection.pointee.exchange, .clientDisconnect)
        } else {
            closeConnection(index)
        }
    }

    // MARK: The end of a connection

    /// The connection ends once what is queued is out. What the client still sends is read and dropped for a while, so
    /// that the kernel does not answer it with a reset that overtakes the response (RFC 9112 section 9.6).
    func endClient(_ index: Int32) {
        let connection = connections[index]
        guard connection.pointee.fd >= 0 else { return }
        connection.pointee.exchange = -1
        connection.pointee.lastActivity = now
        buffers.release(&connection.pointee.input)
        connection.pointee.phase = .flushing
        departing += 1
        if connection.pointee.output.isEmpty { beginLingering(index) } else { arm(index) }
    }

    private func beginLingering(_ index: Int32) {
        let connection = connections[index]
        // Until the client knows that this is the end it may take the answer for a part of one.
        guard endOutput(connection) else {
            arm(index)
            return
        }
        if connection.pointee.flags.contains(.readEnded) {
            closeConnection(index)
            return
        }
        connection.pointee.phase = .lingering
        connection.pointee.lastActivity = now
        // What is dropped need not be decrypted.
        freeSession(connection)
        arm(index)
        if connection.pointee.flags.contains(.readable) { enqueue(index) }
    }

    private func drainLingering(_ index: Int32) {
        let connection = connections[index]
        let since = connection.pointee.lastActivity
        while connection.pointee.flags.contains(.readable) {
            switch readSome(index) {
            case .nothing:
                connection.pointee.lastActivity = since
                return
            case .bytes(let count):
                connection.pointee.lastActivity = since
                connection.pointee.lingered &+= UInt32(truncatingIfNeeded: count)
                if Int(connection.pointee.lingered) > limits.lingerBytes {
                    closeConnection(index)
                    return
                }
            case .ended, .failed:
                closeConnection(index)
                return
            }
        }
    }

    // MARK: Requests that are refused before they are routed

    /// Answers a request that violates the protocol or a limit, and ends the connection: where the next request would
    /// begin is unknown.
    /// - Parameter stream: the request's, of a client that speaks HTTP/2.
    func refuse(_ index: Int32, _ rejection: Rejection, stream: UInt32 = 0) {
        shard.reject(kind: rejection.rawValue)
        let flag: ResponseFlag = rejection.isLimit ? .limit : .malformed
        answerUnrouted(index, LocalResponse(refusing: rejection), flag, stream: stream)
    }

    func headTimedOut(_ index: Int32) {
        var response = LocalResponse(status: 408, text: "the request was not complete in time")
        response.closes = true
        answerUnrouted(index, response, .clientTimeout)
    }

    /// To a client that has not noticed that the port is HTTPS.
    func answerPlainHTTP(_ index: Int32) {
        var response = LocalResponse(status: 400, text: "this port speaks HTTPS")
        response.closes = true
        answerUnrouted(index, response, .malformed)
    }

    func answerUnrouted(_ index: Int32, _ response: LocalResponse, _ flag: ResponseFlag, stream: UInt32 = 0) {
        let connection = connections[index]
        var writer = ByteWriter(answers)
        if connection.pointee.flags.contains(.http2) {
            HTTP2Refusal.write(response, stream: stream, date: dateClock.date(now: now), into: &writer)
        } else {
            response.write(into: &writer, date: dateClock.date(now: now))
        }
        shard.recordRequest(
            door: connection.pointee.door, route: MetricNames.none, backend: MetricNames.none, status: response.status,
            flag: flag, durationNanoseconds: 0, requestBytes: 0, responseBytes: 0)
        logUnrouted(index, response, flag: flag)
        if case .failed = send(index, writer.written) {
            closeConnection(index)
            return
        }
        endClient(index)
    }
}

extension Rejection {
    /// A bound was exceeded, as opposed to a rule broken.
    var isLimit: Bool { status == 413 || status == 414 || status == 431 }
}
