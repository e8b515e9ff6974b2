internal import HTTP
internal import Reactor

/// A client's connection: carries one call at a time, or waits for one.
final class ClientConnection {
    /// Reads for one call before other descriptors get their turn.
    private static let readsPerTurn = 16

    private let socket: ControlSocket
    private let address: SocketAddress
    private weak var client: HTTPClient?
    private let loop: EventLoop
    private let limits: HTTPClientLimits
    private let parser: ResponseHead
    /// The TLS context's number when the connection was opened.
    let generation: Int

    private var call: HTTPCall?
    private var reader: ResponseReader
    private var input = InputBuffer()
    private var output = OutputQueue()
    private var timer: EventTimer?
    private var lastRead: UInt64 = 0
    private var carried = 0
    private var sawResponse = false
    private var isBroken = false

    init(socket: ControlSocket, address: SocketAddress, client: HTTPClient, generation: Int) {
        self.socket = socket
        self.address = address
        self.client = client
        loop = client.loop
        limits = client.limits
        parser = client.parser
        self.generation = generation
        reader = ResponseReader(method: .get, limits: limits.http)
        socket.onEvent = { [weak self] in self?.service() }
    }

    deinit { stopTimer() }

    // MARK: A call's life

    func carry(_ call: HTTPCall, authority: String) {
        stopTimer()
        self.call = call
        call.stage = .open(self)
        carried += 1
        sawResponse = false
        reader = ResponseReader(method: call.request.method, limits: limits.http, upgrade: call.request.upgrade)
        output.append(call.request.head(authority: authority))
        output.append(call.request.body)
        let limit = call.request.responseTimeout
        if limit > 0 {
            timer = loop.after(limit) { [weak self] in self?.timedOut("no answer in time") }
        }
        flush()
        updateInterest()
    }

    /// The call is over, by its own doing or ours: if its response is not whole, the connection is of no more use.
    func callEnded() {
        call = nil
        stopTimer()
        close()
    }

    func pauseChanged() {
        lastRead = Clock.now()
        updateInterest()
        // TLS may hold bytes that no event will tell of.
        if call?.isPaused == false { loop.after(0) { [weak self] in self?.service() } }
    }

    private func fail(_ kind: HTTPClientError.Kind, _ reason: String) {
        call?.fail(HTTPClientError(kind, "\(address): \(reason)"))
        close()
    }

    private func timedOut(_ reason: String) {
        timer = nil
        fail(.timedOut, reason)
    }

    /// The response is whole.
    private func finish() {
        guard let call else { return }
        self.call = nil
        call.stage = .waiting
        stopTimer()
        if reader.keepsAlive, output.isEmpty, input.isEmpty, !isBroken, let client, client.generation == generation {
            client.park(self)
        } else {
            close()
        }
        call.succeed()
    }

    /// The connection ended before the response did.
    private func lost(_ reason: String) {
        guard let call else { return close() }
        // The peer closed a connection that it had kept open just as we began to use it.
        if carried > 1, !sawResponse, !call.isSecondTry, call.request.isRepeatable {
            self.call = nil
            close()
            client?.again(call)
            return
        }
        fail(.closed, reason)
    }

    // MARK: Waiting for a call

    /// Waits for another call for a while.
    func rest(_ limit: UInt64) {
        timer = loop.after(limit) { [weak self] in self?.leave() }
        socket.wait(reading: true, writing: false)
    }

    /// Whether the connection can still carry a call: its peer has neither closed it nor sent what nobody asked for.
    func isUsable() -> Bool {
        guard !isBroken else { return false }
        if case .wouldBlock = input.fill(from: socket) { return true }
        return false
    }

    private func leave() {
        timer = nil
        client?.forget(self)
        close()
    }

    func close() {
        isBroken = true
        stopTimer()
        socket.close()
        output.removeAll()
        input.removeAll()
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    // MARK: Bytes

    private func service() {
        guard call != nil else {
            if !isBroken, !isUsable() { leave() }
            return
        }
        flush()
        receive()
        updateInterest()
    }

    private func updateInterest() {
        guard let call else { return }
        socket.wait(reading: !call.isPaused, writing: !output.isEmpty)
    }

    private func flush() {
        while !output.isEmpty {
            switch output.send(to: socket) {
            case .bytes, .ended: continue
            case .wouldBlock: return
            case .failed:
                // A server may answer and close before it has read everything; what it said, if anything, is read next.
                isBroken = true
                output.removeAll()
            }
        }
    }

    private func receive() {
        // What a pause has left, if only the end.
        if let call { process(call) }
        var reads = 0
        while let call, !call.isPaused {
            if reads == ClientConnection.readsPerTurn {
                loop.after(0) { [weak self] in self?.service() }
                return
            }
            reads += 1
            switch input.fill(from: socket) {
            case .wouldBlock: return
            case .failed(let reason): return lost(reason)
            case .ended:
                return reader.endOfInput() ? finish() : lost("the connection was closed before the answer was whole")
            case .bytes:
                sawResponse = true
                lastRead = Clock.now()
                process(call)
            }
        }
    }

    /// Reads on while there is something to read and the call is still ours: its closures may end or pause it.
    private func process(_ call: HTTPCall) {
        while self.call === call, !call.isPaused {
            let step = unsafe input.bytes.withUnsafeBytes { unsafe reader.next($0, parser: parser) }
            switch step {
            case .needMore: return
            case .skip(let count): input.consume(count)
            case .head(let head, let length):
                input.consume(length)
                watchForSilence(call)
                call.received(head)
            case .data(let range):
                let limit = limits.collectedBody
                guard call.received(input.bytes[range], limit: limit) else {
                    return fail(.malformed, "the body is longer than the \(limit) bytes allowed")
                }
                input.consume(range.upperBound)
            case .end(let count):
                input.consume(count)
                finish()
            case .invalid(let reason): return fail(.malformed, reason)
            }
        }
    }

    private func watchForSilence(_ call: HTTPCall) {
        stopTimer()
        let limit = call.request.silenceTimeout
        guard limit > 0 else { return }
        checkSilence(after: limit, limit)
    }

    /// One timer a body, not one a read.
    private func checkSilence(after delay: UInt64, _ limit: UInt64) {
        timer = loop.after(delay) { [weak self] in
            guard let self, let call else { return }
            let due = lastRead &+ limit
            let now = Clock.now()
            if call.isPaused {
                checkSilence(after: limit, limit)
            } else if due > now {
                checkSilence(after: due - now, limit)
            } else {
                timedOut("the body has been silent for too long")
            }
        }
    }
}
