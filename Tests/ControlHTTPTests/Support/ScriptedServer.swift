import Reactor

/// A listener of a test: what its connections say is written out.
final class ScriptedServer {
    private let listener: Int32
    private(set) var peers: [RawPeer] = []

    init() throws {
        listener = try ListeningSocket.open(.loopback())
    }

    deinit { Socket.close(listener) }

    var port: UInt16 { Socket.localAddress(listener)?.port ?? 0 }

    /// How many connections have come so far.
    var count: Int {
        var address = SocketAddress.none
        while let descriptor = Socket.accept(listener, peer: &address), descriptor >= 0 {
            peers.append(RawPeer(descriptor: descriptor))
        }
        return peers.count
    }

    /// Whether the connection has come and has sent a head.
    func hasRequest(_ position: Int) -> Bool { count > position && peers[position].text.contains("\r\n\r\n") }

    /// Waits for the connection's request and says something to it.
    func answer(_ position: Int, _ text: String, on loop: EventLoop) {
        guard loop.turn(until: { self.hasRequest(position) }) else { return }
        peers[position].forget()
        peers[position].send(text)
    }
}
