internal import Glibc

/// One address of an interface in this network namespace.
package struct OwnAddress: Hashable, Sendable {
    package let family: AddressFamily
    /// Network byte order, 4 or 16 bytes.
    package let bytes: [UInt8]
    /// As inet_ntop writes it.
    package let text: String
    package let interface: String
    package let isLoopback: Bool
}

/// The addresses of the calling thread's network namespace.
package enum OwnAddresses {
    /// Every IPv4 and IPv6 address, loopback and link-local ones included, without duplicates, in the kernel's order.
    ///
    /// - Throws: `InterceptError.system` when the kernel does not tell.
    package static func list() throws(InterceptError) -> [OwnAddress] {
        var head: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&head) == 0 else { throw .system(call: "getifaddrs", reason: errorText(errno)) }
        defer { freeifaddrs(head) }
        var addresses: [OwnAddress] = []
        var next = head
        while let entry = next?.pointee {
            next = entry.ifa_next
            if let address = address(of: entry), !addresses.contains(address) { addresses.append(address) }
        }
        return addresses
    }

    private static func address(of entry: ifaddrs) -> OwnAddress? {
        guard let socketAddress = entry.ifa_addr else { return nil }
        let bytes: [UInt8]
        switch Int32(socketAddress.pointee.sa_family) {
        case AF_INET:
            bytes = socketAddress.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6:
            bytes = socketAddress.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) }
            }
        default:
            return nil
        }
        guard let text = IPAddressText.format(bytes) else { return nil }
        return OwnAddress(
            family: bytes.count == 4 ? .ipv4 : .ipv6, bytes: bytes, text: text,
            interface: String(cString: entry.ifa_name),
            isLoopback: entry.ifa_flags & UInt32(IFF_LOOPBACK) != 0)
    }
}
