internal import HTTP
internal import Reactor
internal import TLS
internal import Telemetry

/// Why a connection holds bytes, in the order in which they are taken from it.
enum ByteHolder: UInt8, BitwiseCopyable {
    /// A client whose head, handshake or first bytes are not finished.
    case unfinishedHead
    /// A client, or one side of an opaque connection, that does not take what is for it.
    case slowReader
    /// A request whose body its endpoint does not take.
    case waitingBody
    /// A request of whose answer the head is not whole.
    case unfinishedAnswer
    /// A TLS session over which nothing is under way.
    case idleSession
    /// A request that waits for its answer, kept for another try.
    case waitingRequest
}

/// The bytes that wait: counted, and shed when there are too many of them.
extension Worker {
    /// What a TLS session takes beside what has been received and not yet understood.
    static var handshakeBytes: UInt32 { 32 << 10 }
    static var sessionBytes: UInt32 { 16 << 10 }
    /// What is read at once while bytes are scarce: with a head around it, it fits a block of the medium size.
    private static var scarceRead: Int { BufferPool.medium - (2 << 10) }
    /// How long nobody is looked for again after those who were found had not enough, or nobody was.
    private static var sheddingPause: UInt64 { 10 * ProxyLimits.millisecond }
    private static var vainSheddingPause: UInt64 { 50 * ProxyLimits.millisecond }

    var bufferedBytes: Int { buffers.held + sessionBytesHeld }

    /// Notes what a connection's session takes now.
    func noteSession(_ connection: UnsafeMutablePointer<Connection>, _ bytes: UInt32) {
        sessionBytesHeld += Int(bytes) - Int(connection.pointee.sessionBytes)
        connection.pointee.sessionBytes = bytes
    }

    /// Called between two connections' work, never within it.
    @inline(__always)
    func keepBudget() {
        if budget.isExceeded(by: bufferedBytes) { shedBytes() }
    }

    /// Once a turn.
    func reportBuffers() {
        let held = bufferedBytes
        shard.set(.bufferedBytes, UInt64(clamping: held))
        let room = budget.isScarce(with: held) ? min(scratch.count, Worker.scarceRead) : scratch.count
        if room != readRoom.count { readRoom = UnsafeMutableRawBufferPointer(rebasing: scratch[..<room]) }
    }

    /// One look at every connection finds those who hold as much as has to be let go of.
    @inline(never)
    private func shedBytes() {
        guard now >= sheddingPausedUntil else { return }
        byteHolders.begin(wanted: bufferedBytes - budget.goal)
        for position in 0..<connectionSlab.highWater { consider(Int32(position)) }
        byteHolders.finish()
        let isVain = byteHolders.isEmpty
        while bufferedBytes > budget.goal, let entry = byteHolders.take() {
            let token = Token(rawValue: entry.token)
            if isCurrent(token), holding(token.index)?.reason == entry.reason { shed(token.index, entry.reason) }
        }
        guard bufferedBytes > budget.goal else { return }
        sheddingPausedUntil = now + (isVain ? Worker.vainSheddingPause : Worker.sheddingPause)
    }

    private func consider(_ index: Int32) {
        let connection = connections[index]
        guard connection.pointee.fd >= 0, connection.pointee.role == .client, let holding = holding(index) else {
            return
        }
        let since =
            connection.pointee.headStarted > 0 ? connection.pointee.headStarted : connection.pointee.lastActivity
        let token = Token(.connection, index: index, generation: connection.pointee.generation)
        byteHolders.consider(
            EvictionList.Entry(
                isOverShare: isOverShare(connection.pointee), reason: holding.reason, since: since,
                token: token.rawValue, weight: max(1, holding.bytes)))
    }

    /// What a client's connection, and what it has under way, hold of the bytes that are counted, and why; nil when
    /// they hold none that can be let go of.
    private func holding(_ index: Int32) -> (reason: ByteHolder, bytes: Int)? {
        let connection = connections[index].pointee
        var bytes = Int(connection.input.capacity) + Int(connection.output.capacity) + Int(connection.sessionBytes)
        if connection.phase == .handshaking { return (.unfinishedHead, bytes) }
        if connection.phase == .tunnel {
            let other = connection.peer >= 0 ? connections[connection.peer].pointee.output : ByteBuffer()
            bytes += Int(other.capacity)
            return connection.output.isEmpty && other.isEmpty ? nil : (.slowReader, bytes)
        }
        guard connection.exchange >= 0 else {
            if !connection.output.isEmpty { return (.slowReader, bytes) }
            if !connection.input.isEmpty { return (.unfinishedHead, bytes) }
            return connection.tls != nil && connection.phase == .http ? (.idleSession, bytes) : nil
        }
        let exchange = exchanges[connection.exchange].pointee
        bytes += Int(exchange.retained.capacity) + Int(exchange.offer.capacity) + Int(exchange.line.bytes.capacity)
        var upstream = Connection()
        if exchange.upstream >= 0 { upstream = connections[exchange.upstream].pointee }
        bytes += Int(upstream.input.capacity) + Int(upstream.output.capacity)
        if !connection.output.isEmpty { return (.slowReader, bytes) }
        if !upstream.output.isEmpty || !connection.input.isEmpty { return (.waitingBody, bytes) }
        if !upstream.input.isEmpty { return (.unfinishedAnswer, bytes) }
        return exchange.retained.base != nil ? (.waitingRequest, bytes) : nil
    }

    private func shed(_ index: Int32, _ reason: ByteHolder) {
        shard.shed(reason.shedReason)
        let connection = connections[index]
        switch connection.pointee.phase {
        case .tunnel: breakTunnel(index)
        case .http where connection.pointee.exchange >= 0: fail(connection.pointee.exchange, .overload)
        case .http where reason == .unfinishedHead: refuseForBytes(index)
        case .http where reason == .idleSession: closeOrderly(index)
        default:
            Socket.resetOnClose(connection.pointee.fd)
            closeConnection(index)
        }
    }

    /// A head that is long already is too long for now (431), any other has come at the wrong time (503).
    private func refuseForBytes(_ index: Int32) {
        let isLong = connections[index].pointee.input.count > BufferPool.medium
        var response =
            isLong
            ? LocalResponse(status: 431, text: "the head is too large for the memory that is left")
            : LocalResponse(status: 503, text: "overloaded")
        response.closes = true
        answerUnrouted(index, response, isLong ? .limit : .overload)
    }
}

extension ByteHolder {
    var shedReason: ShedReason {
        switch self {
        case .unfinishedHead: .memoryUnfinishedHead
        case .slowReader: .memorySlowReader
        case .waitingBody: .memoryBody
        case .idleSession: .memoryIdleSession
        case .unfinishedAnswer, .waitingRequest: .memoryRequest
        }
    }
}
