internal import CLinux
internal import Glibc

/// The system calls of the data path, each with the one policy for EINTR and EAGAIN. File descriptors are plain
/// numbers: whoever holds one in a slab closes it there.
package enum Socket {
    @inline(__always)
    private static func result(_ count: Int) -> IOResult {
        if count >= 0 { return .bytes(count) }
        let code = errno
        return code == EAGAIN || code == EWOULDBLOCK ? .wouldBlock : .failed(code)
    }

    package static func read(_ fd: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        while true {
            let count = recv(fd, buffer.baseAddress, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            return result(count)
        }
    }

    package static func write(_ fd: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult {
        while true {
            let count = send(fd, bytes.baseAddress, bytes.count, WEIR_NOSIGNAL)
            if count < 0 && errno == EINTR { continue }
            return result(count)
        }
    }

    /// Both parts in one call, in order.
    package static func write(
        _ fd: Int32, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) -> IOResult {
        if second.isEmpty { return write(fd, first) }
        if first.isEmpty { return write(fd, second) }
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { parts in
            parts[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count)
            parts[1] = iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count)
            var message = msghdr()
            message.msg_iov = parts.baseAddress
            message.msg_iovlen = 2
            while true {
                let count = sendmsg(fd, &message, WEIR_NOSIGNAL)
                if count < 0 && errno == EINTR { continue }
                return result(count)
            }
        }
    }

    /// A connection that waits on a listener, already non-blocking; nil when none waits. `.some(-errno)` on a failure
    /// that is the machine's (EMFILE, ENFILE, ENOMEM); a peer that left while it waited is passed over.
    package static func accept(_ listener: Int32, peer: inout SocketAddress) -> Int32? {
        var storage = sockaddr_storage()
        while true {
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let fd = weir_accept(listener, &storage, &length)
            if fd >= 0 {
                peer = SocketAddress(storage)
                return fd
            }
            switch errno {
            case EINTR, ECONNABORTED, EPROTO: continue
            case EAGAIN: return nil
            default: return -errno
            }
        }
    }

    /// Begins a connection. The socket answers by becoming writable; `failed` is an immediate refusal.
    package static func connect(to address: SocketAddress) -> Result<Int32, SystemError> {
        let fd = socket(
            address.isIPv6 ? AF_INET6 : AF_INET,
            WEIR_STREAM, 0)
        guard fd >= 0 else { return .failure(SystemError("socket")) }
        setNoDelay(fd)
        let status = address.withSockaddr { pointer, length in weir_connect(fd, pointer, length) }
        if status == 0 || errno == EINPROGRESS { return .success(fd) }
        let error = SystemError("connect")
        Glibc.close(fd)
        return .failure(error)
    }

    /// The outcome of a connection attempt that has become writable: 0, or the `errno`.
    package static func connectionError(_ fd: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else { return errno }
        return code
    }

    package static func setNoDelay(_ fd: Int32) {
        var one: Int32 = 1
        setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Ends our sending direction; the peer reads end of stream.
    package static func shutdownWrite(_ fd: Int32) {
        _ = shutdown(fd, Int32(SHUT_WR))
    }

    /// Makes the coming close a reset, so that the peer cannot take a cut-off stream for a whole one.
    package static func resetOnClose(_ fd: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    }

    package static func close(_ fd: Int32) {
        Glibc.close(fd)
    }

    /// Where a redirected connection was going before the firewall sent it here (`SO_ORIGINAL_DST`); nil when it was
    /// not redirected.
    package static func originalDestination(_ fd: Int32, isIPv6: Bool) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let level = isIPv6 ? Int32(IPPROTO_IPV6) : Int32(IPPROTO_IP)
        guard getsockopt(fd, level, WEIR_SO_ORIGINAL_DST, &storage, &length) == 0 else { return nil }
        return SocketAddress(storage)
    }

    package static func localAddress(_ fd: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = weir_local_address(fd, &storage, &length)
        return status == 0 ? SocketAddress(storage) : nil
    }
}
