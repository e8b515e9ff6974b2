internal import HTTP
internal import Reactor

/// A server's connection: one request after the other.
final class ServerConnection {
    enum Phase {
        case handshake
        /// For a request, or for the rest of one.
        case request
        /// Its answer is being made or sent.
        case answer
        /// The last answer is sent; what the peer still sends is dropped.
        case linger
        case closed
    }

    /// Reads for one connection before others get their turn.
    static let readsPerTurn = 16
    /// Bytes that are read and dropped while lingering.
    static let lingerBytes = 256 << 10

    let socket: ControlSocket
    let peer: SocketAddress
    let loop: EventLoop
    let limits: HTTPServerLimits
    weak var server: HTTPServer?

    var phase = Phase.handshake
    var input = InputBuffer()
    var output = OutputQueue()
    var reader = RequestReader()
    var stream: HTTPServerStream?
    /// The answer under way is the connection's last.
    var endsAfterAnswer = false
    var peerEnded = false
    /// When the wait for the next request began; nil while there is one.
    var idleSince: UInt64?
    var lingered = 0
    let openedAt = Clock.now()
    /// When the unfinished request that is held began to be.
    private(set) var heldSince: UInt64 = 0
    /// Bytes that the server was told of.
    private var held = 0
    private var timer: EventTimer?
    private var isSendSoon = false
    /// A timer for the peer's taking too little runs.
    private var isStalled = false
    /// Bytes that it has taken since that began.
    private var taken = 0

    init(socket: ControlSocket, peer: SocketAddress, server: HTTPServer) {
        self.socket = socket
        self.peer = peer
        self.server = server
        loop = server.loop
        limits = server.limits
        socket.onEvent = { [weak self] in self?.service() }
    }

    func begin(isSecured: Bool) {
        guard isSecured else { return awaitRequest() }
        setDeadline(limits.handshakeTimeout) { $0.close() }
        handshake()
    }

    private func service() {
        switch phase {
        case .handshake: handshake()
        case .request, .answer:
            sendNow()
            receive()
        case .linger: dropInput()
        case .closed: return
        }
    }

    private func handshake() {
        switch socket.handshake() {
        case .wouldBlock: socket.wait(reading: true, writing: false)
        case .failed: close()
        case .bytes, .ended:
            awaitRequest()
            receive()
        }
    }

    // MARK: Bytes held

    /// It is an unfinished request that is held.
    var isHolding: Bool { phase == .request && held > 0 }

    /// Tells the server how many bytes of requests are here now.
    func account() {
        let change = input.count + reader.bodyBytes - held
        guard change != 0 else { return }
        if held == 0 { heldSince = Clock.now() }
        held += change
        server?.held(change)
    }

    /// What is held is the next request's.
    func accountAnew() {
        account()
        heldSince = Clock.now()
    }

    // MARK: Deadlines

    /// One deadline at a time; it replaces the last.
    func setDeadline(_ delay: UInt64, _ action: @escaping (ServerConnection) -> Void) {
        clearDeadline()
        timer = loop.after(delay) { [weak self] in
            guard let self else { return }
            timer = nil
            action(self)
        }
    }

    func clearDeadline() {
        if let timer { loop.cancel(timer) }
        timer = nil
        isStalled = false
    }

    // MARK: Sending

    var bufferedBytes: Int { output.count }

    func send(_ bytes: ArraySlice<UInt8>) {
        guard phase != .closed else { return }
        output.append(bytes)
        sendSoon()
    }

    func sendSoon() {
        guard !isSendSoon, phase != .closed else { return }
        isSendSoon = true
        server?.sendSoon(self)
    }

    /// Sends what the peer takes.
    func sendNow() {
        isSendSoon = false
        guard phase == .request || phase == .answer else { return }
        sending: while !output.isEmpty {
            switch output.send(to: socket) {
            case .bytes(let count): taken += count
            case .ended: break
            case .wouldBlock: break sending
            case .failed: return close()
            }
        }
        if output.isEmpty { sentAll() } else if taken >= limits.leastTaken || !isStalled { watchForStall() }
        updateInterest()
    }

    private func watchForStall() {
        guard phase == .answer else { return }
        setDeadline(limits.writeTimeout) { $0.abort() }
        isStalled = true
        taken = 0
    }

    private func sentAll() {
        guard phase == .answer, let stream else { return }
        if isStalled { clearDeadline() }
        if stream.isFinished {
            finishExchange()
        } else if stream.isStreaming {
            // A peer that has ended its direction while a stream goes on is taken for gone: half-closed readers of
            // endless streams do not exist, and there is no other sign of one that left.
            if peerEnded { close() } else { stream.drained() }
        }
    }

    func updateInterest() {
        guard phase == .request || phase == .answer else { return }
        socket.wait(reading: canRead, writing: !output.isEmpty)
    }

    // MARK: Ending

    func endAfterAnswer() { endsAfterAnswer = true }

    func close() { end { $0.close() } }

    func abort() { end { $0.reset() } }

    private func end(_ how: (ControlSocket) -> Void) {
        guard phase != .closed else { return }
        phase = .closed
        clearDeadline()
        how(socket)
        output.removeAll()
        input.removeAll()
        reader.drop()
        account()
        server?.closed(self)
        let stream = stream
        self.stream = nil
        stream?.ended()
    }
}
