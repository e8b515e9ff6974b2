package import CLinux
internal import Glibc

/// An IP address and port as a plain value of 24 bytes. IPv4-mapped IPv6 addresses are kept as IPv4.
@frozen
package struct SocketAddress: Hashable, Sendable {
    /// Big-endian words of the 128 bits; IPv4 sits in the low 32 bits of `low`.
    package var high: UInt64
    package var low: UInt64
    package var port: UInt16
    package var isIPv6: Bool

    package init(high: UInt64, low: UInt64, port: UInt16, isIPv6: Bool) {
        let isMapped = isIPv6 && high == 0 && low >> 32 == 0xffff
        self.high = high
        self.low = isMapped ? low & 0xffff_ffff : low
        self.port = port
        self.isIPv6 = isIPv6 && !isMapped
    }

    package static let none = SocketAddress(high: 0, low: 0, port: 0, isIPv6: false)

    package var isLoopback: Bool { isIPv6 ? high == 0 && low == 1 : low >> 24 == 127 }

    /// `0.0.0.0` or `::`, which as a destination is this machine.
    package var isUnspecified: Bool { high == 0 && low == 0 }

    /// Of a network of its own, as pods' addresses are: RFC 1918, RFC 6598 (100.64.0.0/10) and RFC 4193 (fc00::/7).
    package var isPrivate: Bool {
        if isIPv6 { return high >> 57 == 0xfc >> 1 }
        return low >> 24 == 10 || low >> 20 == 0xac1 || low >> 16 == 0xc0a8 || low >> 22 == 0x6440 >> 6
    }

    package func isSameHost(as other: SocketAddress) -> Bool {
        high == other.high && low == other.low && isIPv6 == other.isIPv6
    }

    package init(_ storage: sockaddr_storage) {
        var copy = storage
        self = withUnsafePointer(to: &copy) { pointer in
            if Int32(storage.ss_family) == AF_INET6 {
                return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { v6 in
                    let words = unsafeBitCast(v6.pointee.sin6_addr, to: (UInt64, UInt64).self)
                    return SocketAddress(
                        high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1),
                        port: UInt16(bigEndian: v6.pointee.sin6_port), isIPv6: true)
                }
            }
            return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { v4 in
                SocketAddress(
                    high: 0, low: UInt64(UInt32(bigEndian: v4.pointee.sin_addr.s_addr)),
                    port: UInt16(bigEndian: v4.pointee.sin_port), isIPv6: false)
            }
        }
    }

    /// Calls `body` with the kernel's form of the address.
    package func withSockaddr<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        if isIPv6 {
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            v6.sin6_addr = unsafeBitCast((high.bigEndian, low.bigEndian), to: in6_addr.self)
            return withUnsafePointer(to: &v6) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
        var v4 = sockaddr_in()
        v4.sin_family = sa_family_t(AF_INET)
        v4.sin_port = port.bigEndian
        v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
        return withUnsafePointer(to: &v4) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Writes the address without the port (`10.0.0.1`, `fd00::1`) and returns the length; 0 when it does not fit.
    package func writeHost(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard buffer.count >= Int(INET6_ADDRSTRLEN), let base = buffer.baseAddress else { return 0 }
        let text = base.assumingMemoryBound(to: CChar.self)
        let written = withSockaddr { pointer, _ -> Bool in
            if isIPv6 {
                return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { v6 in
                    withUnsafePointer(to: v6.pointee.sin6_addr) {
                        inet_ntop(AF_INET6, $0, text, socklen_t(buffer.count)) != nil
                    }
                }
            }
            return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { v4 in
                withUnsafePointer(to: v4.pointee.sin_addr) {
                    inet_ntop(AF_INET, $0, text, socklen_t(buffer.count)) != nil
                }
            }
        }
        return written ? strlen(text) : 0
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `10.0.0.1` or `fd00::1`.
    package var host: String {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            String(decoding: buffer[0..<writeHost(into: buffer)], as: UTF8.self)
        }
    }

    /// `10.0.0.1:80` or `[fd00::1]:80`.
    package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Parses an IP literal (no brackets); nil for anything else.
    package init?(host: String, port: UInt16) {
        var v4 = in_addr()
        if inet_pton(AF_INET, host, &v4) == 1 {
            self.init(high: 0, low: UInt64(UInt32(bigEndian: v4.s_addr)), port: port, isIPv6: false)
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, host, &v6) == 1 else { return nil }
        let words = unsafeBitCast(v6, to: (UInt64, UInt64).self)
        self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1), port: port, isIPv6: true)
    }

    /// Parses `10.0.0.1:80` or `[fd00::1]:80`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.first == "[" && host.last == "]" { host = host.dropFirst().dropLast() }
        self.init(host: String(host), port: port)
    }
}
