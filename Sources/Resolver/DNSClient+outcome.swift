internal import CAres
internal import CLinux

extension DNSClient {
    /// What a c-ares answer means. `result` stays the caller's.
    static func outcome(
        _ status: Int32, _ result: UnsafeMutablePointer<ares_addrinfo>?, _ family: ResolvedAddress.Family
    ) -> FamilyOutcome {
        switch status {
        case ARES_SUCCESS: break
        case ARES_ENODATA, ARES_ENOTFOUND: return .absent
        default: return .failed
        }
        guard let result = unsafe result else { return .failed }
        let (addresses, ttl) = unsafe collect(result.pointee, family)
        return addresses.isEmpty ? .absent : .addresses(addresses, ttlSeconds: ttl)
    }

    /// The addresses and the smallest TTL on the way to them, aliases included.
    private static func collect(
        _ result: ares_addrinfo, _ family: ResolvedAddress.Family
    ) -> (addresses: [ResolvedAddress], ttl: Int) {
        var addresses: [ResolvedAddress] = []
        var ttl = Int(Int32.max)
        var node = unsafe result.nodes
        while let current = unsafe node, addresses.count < ResolverLimits.addressesPerFamily {
            if let address = unsafe address(current.pointee, family) {
                addresses.append(address)
                ttl = unsafe min(ttl, Int(current.pointee.ai_ttl))
            }
            unsafe node = unsafe current.pointee.ai_next
        }
        var alias = unsafe result.cnames
        while let current = unsafe alias {
            ttl = unsafe min(ttl, Int(current.pointee.ttl))
            unsafe alias = unsafe current.pointee.next
        }
        return (addresses, ttl)
    }

    private static func address(_ node: ares_addrinfo_node, _ family: ResolvedAddress.Family) -> ResolvedAddress? {
        guard let socketAddress = unsafe UnsafeRawPointer(node.ai_addr) else { return nil }
        let length = unsafe Int(node.ai_addrlen)
        switch unsafe (family, node.ai_family) {
        case (.v4, AF_INET) where length >= MemoryLayout<sockaddr_in>.size:
            let found = unsafe socketAddress.loadUnaligned(as: sockaddr_in.self).sin_addr
            return unsafe withUnsafeBytes(of: found) { unsafe ResolvedAddress(bytes: $0) }
        case (.v6, AF_INET6) where length >= MemoryLayout<sockaddr_in6>.size:
            let found = unsafe socketAddress.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return unsafe withUnsafeBytes(of: found) { unsafe ResolvedAddress(bytes: $0) }
        default:
            return nil
        }
    }
}
