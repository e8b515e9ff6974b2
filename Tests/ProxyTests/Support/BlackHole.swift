import Glibc
import Reactor

/// A port on loopback whose connections are neither made nor refused, until it is opened: its queue of one is full.
final class BlackHole {
    let port: UInt16
    private let descriptor: Int32
    private let filler: Peer

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        let address = SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false)
        guard address.withSockaddr({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 0) == 0 else {
            throw SystemError("listen")
        }
        port = Socket.localAddress(descriptor)?.port ?? 0
        filler = try Peer(connectingTo: port)
    }

    deinit { Socket.close(descriptor) }

    /// Takes the connection that has been knocking.
    func open() throws -> Peer {
        Socket.close(try accept())
        return Peer(fd: try accept())
    }

    private func accept() throws -> Int32 {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, Peer.patience) > 0 else { throw Peer.Stalled(description: "no connection came") }
        var peer = SocketAddress.none
        guard let accepted = Socket.accept(descriptor, peer: &peer), accepted >= 0 else { throw SystemError("accept") }
        return accepted
    }
}
