internal import HTTP
package import Reactor
package import TLS

/// An HTTP/1.1 server on an event loop: the ports that a process serves about itself, and those of the controller. Not
/// the data path.
///
/// A request is read whole, body included, before the handler sees it; the answer may come later, whole or as a stream.
/// Everything is called on the loop's thread.
package final class HTTPServer {
    package typealias Handler = (HTTPServerRequest, HTTPServerStream) -> Void

    /// Out of descriptors: who waits is looked at again after this time.
    private static let pause: UInt64 = 100_000_000
    /// A client that has been silent for this long is asked whether it is still there.
    private static let keepalive = Keepalive(after: 30_000_000_000)

    let loop: EventLoop
    let limits: HTTPServerLimits
    let parser = RequestHead()
    private let listener: Int32
    private let tls: (() -> TLSServerContext?)?
    private let handler: Handler
    private(set) var connections: [ObjectIdentifier: ServerConnection] = [:]
    /// Bytes of requests that connections hold.
    var heldBytes = 0
    private var unsent: [ServerConnection] = []
    private var isListening = false
    /// Takes no more connections.
    private var isStopped = false
    private var isClosed = false

    /// Binds and listens.
    /// - Parameters:
    ///   - address: port 0 takes any free one, which `port` then tells.
    ///   - tls: asked for each connection, so that certificates can be replaced; while it has none, connections are
    ///     closed.
    /// - Throws: `SystemError` when the address cannot be bound.
    package convenience init(
        address: SocketAddress, loop: EventLoop, tls: (() -> TLSServerContext?)? = nil,
        limits: HTTPServerLimits = HTTPServerLimits(), handler: @escaping Handler
    ) throws(SystemError) {
        self.init(
            listener: try ListeningSocket.open(address, .alone), loop: loop, tls: tls, limits: limits, handler: handler)
    }

    /// Serves a socket that is bound, listening and non-blocking already; the server closes it.
    package init(
        listener: Int32, loop: EventLoop, tls: (() -> TLSServerContext?)? = nil,
        limits: HTTPServerLimits = HTTPServerLimits(), handler: @escaping Handler
    ) {
        self.listener = listener
        self.loop = loop
        self.tls = tls
        self.limits = limits
        self.handler = handler
        Socket.setKeepalive(listener, HTTPServer.keepalive)
        resumeAccepting()
    }

    deinit { close() }

    /// The port that is listened on.
    package var port: UInt16 { Socket.localAddress(listener)?.port ?? 0 }

    package var connectionCount: Int { connections.count }

    /// Bytes of answers that wait for their clients to take them; what several share counts for each. Looks at every
    /// connection.
    package var waitingBytes: Int { connections.values.reduce(0) { $0 + $1.bufferedBytes } }

    /// Takes no more connections; those that are open go on.
    package func stopAccepting() {
        isStopped = true
        pauseAccepting()
    }

    /// Closes the listener and every connection.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        stopAccepting()
        for connection in connections.values { connection.close() }
        connections = [:]
        Socket.close(listener)
    }

    // MARK: Accepting

    private func accept() {
        var peer = SocketAddress.none
        while let descriptor = Socket.accept(listener, peer: &peer) {
            guard descriptor >= 0 else {
                pauseAccepting()
                loop.after(HTTPServer.pause) { [weak self] in self?.resumeAccepting() }
                return
            }
            let socket = ControlSocket(descriptor: descriptor, loop: loop)
            guard connections.count < limits.connections || makeRoom(for: peer) else {
                socket.close()
                continue
            }
            Socket.setNoDelay(descriptor)
            open(socket, peer)
        }
    }

    private func open(_ socket: ControlSocket, _ peer: SocketAddress) {
        if let tls {
            guard let context = tls() else { return socket.close() }
            do throws(TLSError) { try socket.secure(server: context) } catch { return socket.close() }
        }
        let connection = ServerConnection(socket: socket, peer: peer, server: self)
        connections[ObjectIdentifier(connection)] = connection
        connection.begin(isSecured: tls != nil)
    }

    private func pauseAccepting() {
        if isListening { loop.unwatch(listener) }
        isListening = false
    }

    private func resumeAccepting() {
        guard !isStopped, !isListening else { return }
        isListening = true
        loop.watch(listener) { [weak self] _ in self?.accept() }
    }

    // MARK: What connections tell

    func handle(_ request: HTTPServerRequest, _ stream: HTTPServerStream) {
        handler(request, stream)
    }

    func closed(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Sends what the connection has in the loop's next turn: everything that is written until then goes together.
    func sendSoon(_ connection: ServerConnection) {
        unsent.append(connection)
        guard unsent.count == 1 else { return }
        loop.after(0) { [weak self] in self?.sendUnsent() }
    }

    private func sendUnsent() {
        let connections = unsent
        unsent = []
        for connection in connections { connection.sendNow() }
    }
}
