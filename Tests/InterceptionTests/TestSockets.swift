import Glibc

@testable import Interception

/// An address with a port, as the test's sockets take it.
struct Target: Hashable, CustomStringConvertible {
    let address: String
    let port: UInt16

    init(_ address: String, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    var description: String { "\(address) \(port)" }

    /// The kernel's form: IPv4 or IPv6 by the look of the address.
    var socketAddress: (storage: sockaddr_storage, length: socklen_t) {
        var storage = sockaddr_storage()
        let isIPv6 = address.contains(":")
        withUnsafeMutablePointer(to: &storage) { pointer in
            if isIPv6 {
                pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    $0.pointee.sin6_family = sa_family_t(AF_INET6)
                    $0.pointee.sin6_port = port.bigEndian
                    inet_pton(AF_INET6, address, &$0.pointee.sin6_addr)
                }
            } else {
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    $0.pointee.sin_family = sa_family_t(AF_INET)
                    $0.pointee.sin_port = port.bigEndian
                    inet_pton(AF_INET, address, &$0.pointee.sin_addr)
                }
            }
        }
        return (storage, socklen_t(isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size))
    }

    init?(_ storage: sockaddr_storage) {
        let bytes = withUnsafeBytes(of: storage) { Array($0) }
        let isIPv6 = Int32(storage.ss_family) == AF_INET6
        guard let text = IPAddressText.format(Array(isIPv6 ? bytes[8..<24] : bytes[4..<8])) else { return nil }
        self.init(text, UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
    }
}

/// Listening and connecting with a bounded wait; made on the calling thread, so in its network namespace.
enum TestSocket {
    /// What something that has to happen may take.
    private static let waitMilliseconds: Int32 = 60_000

    static func listen(_ target: Target) throws -> Int32 {
        let isIPv6 = target.address.contains(":")
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        if isIPv6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, 4) }
        try check("bind \(target)", withAddress(target) { bind(descriptor, $0, $1) })
        try check("listen", Glibc.listen(descriptor, 16))
        return descriptor
    }

    static func connect(_ target: Target) throws -> Int32 {
        let isIPv6 = target.address.contains(":")
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, type, 0)
        let result = withAddress(target) { Glibc.connect(descriptor, $0, $1) }
        if result != 0, errno != EINPROGRESS { try check("connect \(target)", result) }
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var failure: Int32 = ETIMEDOUT
        var size = socklen_t(4)
        if poll(&entry, 1, waitMilliseconds) == 1 { getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) }
        if failure != 0 {
            close(descriptor)
            throw InterceptError.system(call: "connect \(target)", reason: errorText(failure))
        }
        return descriptor
    }

    /// Which of the listeners gets the next connection, and where that connection was meant to go.
    static func accept(_ listeners: [Int32], isIPv6: Bool) throws -> (listener: Int, original: Target?) {
        var entries = listeners.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&entries, nfds_t(entries.count), waitMilliseconds) == 1,
            let listener = entries.firstIndex(where: { $0.revents != 0 })
        else { throw InterceptError.system(call: "accept", reason: "not exactly one listener has a connection") }
        let connection = Glibc.accept(listeners[listener], nil, nil)
        defer { close(connection) }
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let level = Int32(isIPv6 ? IPPROTO_IPV6 : IPPROTO_IP)
        let originalDestination: Int32 = 80
        let result = getsockopt(connection, level, originalDestination, &storage, &size)
        return (listener, result == 0 ? Target(storage) : nil)
    }

    private static func withAddress(
        _ target: Target, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        let (storage, length) = target.socketAddress
        return withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private static func check(_ call: String, _ result: Int32) throws {
        if result != 0 { throw InterceptError.system(call: call, reason: errorText(errno)) }
    }
}
