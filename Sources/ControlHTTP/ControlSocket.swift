internal import Reactor
internal import TLS

/// A connected, non-blocking socket on an event loop, with TLS or without: the one place where the two differ.
final class ControlSocket {
    enum Outcome {
        case bytes(Int)
        /// The peer has ended its sending direction in order.
        case ended
        case wouldBlock
        /// The socket is of no more use.
        case failed(String)
    }

    private let descriptor: Int32
    private let loop: EventLoop
    private var session: TLSSession?
    private var isOpen = true
    /// TLS may have to write before it can read, and the other way round.
    private var readNeedsRoom = false
    private var writeNeedsBytes = false
    private var interest = (read: false, write: false)

    /// Called when something that was waited for may go on; it need not. Must not hold this socket's owner.
    var onEvent: () -> Void = {}

    init(descriptor: Int32, loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    deinit { close() }

    // MARK: TLS

    func secure(client context: TLSClientContext, serverName: String) throws(TLSError) {
        session = try TLSSession.client(context, descriptor: descriptor, serverName: serverName)
    }

    func secure(server context: TLSServerContext) throws(TLSError) {
        session = try TLSSession.server(context, descriptor: descriptor)
    }

    /// Goes on with the handshake: `.bytes(0)` once it is done. While it would block, `wait(reading: true, writing:
    /// false)` waits for what it needs.
    func handshake() -> Outcome {
        guard let session else { return .bytes(0) }
        readNeedsRoom = false
        switch session.handshake() {
        case .done: return .bytes(0)
        case .wantRead: return .wouldBlock
        case .wantWrite:
            readNeedsRoom = true
            return .wouldBlock
        case .failed(let error): return .failed("\(error)")
        }
    }

    // MARK: Bytes

    func read(into room: UnsafeMutableRawBufferPointer) -> Outcome {
        guard isOpen else { return .ended }
        guard let session else { return unsafe outcome(of: Socket.read(descriptor, into: room), "read", zero: .ended) }
        readNeedsRoom = false
        switch unsafe session.read(into: room) {
        case .bytes(0): return .ended
        case .bytes(let count): return .bytes(count)
        case .wantRead: return .wouldBlock
        case .wantWrite:
            readNeedsRoom = true
            return .wouldBlock
        case .failed(let error): return .failed("\(error)")
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        guard isOpen else { return .failed("closed") }
        guard let session else { return unsafe outcome(of: Socket.write(descriptor, bytes), "write", zero: .bytes(0)) }
        writeNeedsBytes = false
        switch unsafe session.write(bytes) {
        case .bytes(let count): return .bytes(count)
        case .wantWrite: return .wouldBlock
        case .wantRead:
            writeNeedsBytes = true
            return .wouldBlock
        case .failed(let error): return .failed("\(error)")
        }
    }

    private func outcome(of result: IOResult, _ call: String, zero: Outcome) -> Outcome {
        switch result {
        case .bytes(0): zero
        case .bytes(let count): .bytes(count)
        case .wouldBlock: .wouldBlock
        case .failed(let code): .failed("\(SystemError(call, code: code))")
        }
    }

    /// The outcome of a connection attempt that `onEvent` tells of; nil when it has succeeded.
    var connectionFailure: String? {
        let code = Socket.connectionError(descriptor)
        return code == 0 ? nil : "\(SystemError("connect", code: code))"
    }

    // MARK: Waiting

    /// What is waited for from now on; neither ends it.
    func wait(reading: Bool, writing: Bool) {
        guard isOpen else { return }
        let read = reading && !readNeedsRoom || writing && writeNeedsBytes
        let write = writing && !writeNeedsBytes || reading && readNeedsRoom
        guard (read, write) != (interest.read, interest.write) else { return }
        interest = (read, write)
        loop.set(descriptor, read: read, write: write) { [weak self] _ in self?.onEvent() }
    }

    // MARK: Ending

    /// Ends our sending direction; the peer reads end of stream.
    func endSending() {
        guard isOpen else { return }
        session?.shutdown()
        Socket.shutdownWrite(descriptor)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        loop.unwatch(descriptor)
        session?.free()
        session = nil
        Socket.close(descriptor)
    }

    /// Closes with a reset, so that the peer cannot take a cut-off stream for a whole one.
    func reset() {
        guard isOpen else { return }
        Socket.resetOnClose(descriptor)
        close()
    }
}
