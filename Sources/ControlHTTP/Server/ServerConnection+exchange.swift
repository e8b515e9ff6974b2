internal import HTTP
internal import Reactor

extension ServerConnection {
    // MARK: Between requests

    /// Waits for a request that is not here yet.
    func awaitRequest() {
        phase = .request
        reader = RequestReader()
        accountAnew()
        idleSince = Clock.now()
        setDeadline(limits.idleTimeout) { $0.close() }
        updateInterest()
    }

    /// The answer is sent whole.
    func finishExchange() {
        let stream = stream
        self.stream = nil
        if endsAfterAnswer || peerEnded {
            linger()
        } else {
            awaitRequest()
            // What the peer has sent in the meantime: no event will tell of it.
            loop.after(0) { [weak self] in self?.receive() }
        }
        stream?.ended()
    }

    private func linger() {
        phase = .linger
        socket.endSending()
        reader.drop()
        input.removeAll()
        account()
        setDeadline(limits.lingerTimeout) { $0.close() }
        dropInput()
    }

    func dropInput() {
        while lingered < ServerConnection.lingerBytes {
            input.removeAll()
            switch input.fill(from: socket) {
            case .bytes(let count): lingered += count
            case .wouldBlock: return socket.wait(reading: true, writing: false)
            case .ended, .failed: return close()
            }
        }
        close()
    }

    // MARK: A request

    /// While an answer is under way reading goes on, to see a peer that leaves; what it sends ahead is bounded.
    var canRead: Bool {
        switch phase {
        case .request: !peerEnded
        case .answer: !peerEnded && input.count < limits.headBytes
        case .handshake, .linger, .closed: false
        }
    }

    func receive() {
        if phase == .request, !input.isEmpty { process() }
        var reads = 0
        reading: while canRead {
            if reads == ServerConnection.readsPerTurn {
                loop.after(0) { [weak self] in self?.receive() }
                break
            }
            reads += 1
            switch input.fill(from: socket) {
            case .wouldBlock: break reading
            case .failed: return close()
            case .ended: return sawEnd()
            case .bytes:
                account()
                if phase == .request { process() }
            }
        }
        updateInterest()
    }

    private func sawEnd() {
        peerEnded = true
        switch phase {
        case .request: close()
        case .answer where stream?.isStreaming == true: close()
        case .answer, .handshake, .linger, .closed: updateInterest()
        }
    }

    private func process() {
        guard let server else { return close() }
        defer { account() }
        let before = reader.stage
        switch reader.next(&input, parser: server.parser, limits: limits, peer: peer) {
        case .needMore: watchStage(since: before)
        case .wantsContinue:
            watchStage(since: before)
            send(ServerConnection.continueLine[...])
        case .refused(let status, let reason): refuse(status, reason)
        case .request(let request): answer(request, server)
        }
    }

    /// A head and a body each have a time of their own, counted from its beginning: a byte now and then does not
    /// prolong it.
    private func watchStage(since before: RequestReader.Stage) {
        guard reader.stage != before else { return }
        idleSince = nil
        switch reader.stage {
        case .idle: return
        case .head: setDeadline(limits.headTimeout) { $0.refuse(408, "the head was not complete in time") }
        case .body: setDeadline(limits.bodyTimeout) { $0.refuse(408, "the body was not complete in time") }
        }
    }

    private func answer(_ request: HTTPServerRequest, _ server: HTTPServer) {
        endsAfterAnswer = !reader.keepsAlive
        let stream = beginExchange(isHead: request.method == .head)
        server.handle(request, stream)
    }

    /// The connection ends with this, and nothing of the request is kept.
    func refuse(_ status: Int, _ reason: String) {
        endsAfterAnswer = true
        reader.drop()
        input.removeAll()
        account()
        beginExchange(isHead: false).respond(.text(status, reason))
    }

    private func beginExchange(isHead: Bool) -> HTTPServerStream {
        phase = .answer
        idleSince = nil
        clearDeadline()
        let stream = HTTPServerStream(
            connection: self, isHead: isHead, understandsChunks: reader.understandsChunks, limit: limits.streamBytes)
        self.stream = stream
        return stream
    }

    // MARK: Heads

    static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    static func head(_ status: Int, _ lines: String) -> [UInt8] {
        let start = "HTTP/1.1 \(status) \(StatusText.reason(status))\r\nserver: weir\r\n"
        return Array("\(start)date: \(HTTPDate.text(milliseconds: Clock.wallMilliseconds()))\r\n\(lines)\r\n".utf8)
    }
}
