internal import CLinux
internal import Glibc

/// A bound, listening, non-blocking TCP socket.
package enum ListeningSocket {
    /// Connections that wait to be accepted before the kernel refuses more.
    package static let backlog: Int32 = 4096

    /// Who else may listen at the address.
    package enum Sharing {
        /// Nobody.
        case alone
        /// Nobody yet; later sockets of this user may join.
        case first
        /// Others of this user's that let others join (SO_REUSEPORT).
        case joining
    }

    /// Binds and listens.
    ///
    /// - Throws: `SystemError` naming the call and the `errno` (EADDRINUSE, EACCES ...).
    package static func open(_ address: SocketAddress, _ sharing: Sharing = .joining) throws(SystemError) -> Int32 {
        let fd = socket(
            address.isIPv6 ? AF_INET6 : AF_INET,
            WEIR_STREAM, 0)
        guard fd >= 0 else { throw SystemError("socket") }
        enable(fd, SOL_SOCKET, SO_REUSEADDR)
        if sharing == .joining { enable(fd, SOL_SOCKET, SO_REUSEPORT) }
        // One socket for both families on the unspecified address.
        if address.isIPv6 {
            var off: Int32 = 0
            setsockopt(fd, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, socklen_t(MemoryLayout<Int32>.size))
        }
        guard address.withSockaddr({ weir_bind(fd, $0, $1) }) == 0 else { throw failure("bind", fd) }
        guard listen(fd, backlog) == 0 else { throw failure("listen", fd) }
        // Only now: the kernel has made sure that there is nobody, and lets those in that come.
        if sharing == .first { enable(fd, SOL_SOCKET, SO_REUSEPORT) }
        return fd
    }

    private static func enable(_ fd: Int32, _ level: Int32, _ option: Int32) {
        var one: Int32 = 1
        setsockopt(fd, level, option, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func failure(_ call: String, _ fd: Int32) -> SystemError {
        let error = SystemError(call)
        close(fd)
        return error
    }
}
