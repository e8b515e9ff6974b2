internal import CLinux
internal import Glibc

/// What is done and known about a peer that may have vanished: a machine that lost its power or its network refuses
/// nothing.
extension Socket {
    /// Has the kernel ask a silent peer whether it is still there. On a listener: for every connection that it accepts.
    package static func setKeepalive(_ fd: Int32, _ keepalive: Keepalive) {
        guard keepalive.idleSeconds > 0 else { return }
        set(fd, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(fd, Int32(IPPROTO_TCP), TCP_KEEPIDLE, keepalive.idleSeconds)
        set(fd, Int32(IPPROTO_TCP), TCP_KEEPINTVL, keepalive.intervalSeconds)
        set(fd, Int32(IPPROTO_TCP), TCP_KEEPCNT, Keepalive.probes)
    }

    /// Has the kernel end the connection when what was sent is not acknowledged, or not taken, for so many nanoseconds
    /// (RFC 5482).
    ///
    /// A peer that is well and reads nothing for that long loses its connection too, so this is not for bodies:
    /// `unacknowledgedMilliseconds` tells the two apart.
    package static func setUserTimeout(_ fd: Int32, _ nanoseconds: UInt64) {
        set(fd, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: nanoseconds / 1_000_000))
    }

    /// Milliseconds since the peer's last acknowledgement while some of what was sent to it lacks one; nil when all is
    /// acknowledged. A peer that is there but takes no more acknowledges the kernel's questions, and owes nothing.
    package static func unacknowledgedMilliseconds(_ fd: Int32) -> UInt32? {
        var info = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(fd, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0, info.tcpi_unacked > 0 else {
            return nil
        }
        return info.tcpi_last_ack_recv
    }

    /// Bytes, the end of the stream or an error could be read at this moment.
    package static func isReadable(_ fd: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(fd, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) >= 0 || errno != EAGAIN
    }

    /// Bytes that the peer has acknowledged since the connection was made; nil when they cannot be told.
    package static func acknowledgedBytes(_ fd: Int32) -> UInt64? {
        // Behind what the C library knows of the structure (linux/tcp.h, since 4.1).
        let offset = 120
        return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { info in
            var length = socklen_t(info.count)
            guard getsockopt(fd, Int32(IPPROTO_TCP), TCP_INFO, info.baseAddress, &length) == 0,
                Int(length) >= offset + 8
            else { return nil }
            return info.load(fromByteOffset: offset, as: UInt64.self)
        }
    }

    private static func set(_ fd: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(fd, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
