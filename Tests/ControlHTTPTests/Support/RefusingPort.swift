import Glibc
import Reactor

/// A port of loopback at which connections are refused for as long as this lives: bound, so that it is nobody else's
/// meanwhile, and never listened at.
final class RefusingPort {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        let address = SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false)
        guard address.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else { throw SystemError("bind") }
        port = Socket.localAddress(descriptor)?.port ?? 0
    }

    deinit { Socket.close(descriptor) }
}
