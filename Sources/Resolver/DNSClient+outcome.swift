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
        guard let result else { return .failed }
        let (addresses, ttl) = collect(result.pointee, family)
        return addresses.isEmpty ? .absent : .addresses(addresses, ttlSeconds: ttl)
    }

    /// The addresses and the smallest TTL on the way to them, aliases included.
    private static func collect(
        _ result: ares_addrinfo, _ family: ResolvedAddress.Family
    ) -> (addresses: [ResolvedAddress], ttl: Int) {
        var addresses: [ResolvedAddress] = []
        var ttl = Int(Int32.max)
        var node = result.nodes
        while let current = node, addresses.count < ResolverLimits.addressesPerFamily {
            if let address = address(current.pointee, family) {
                addresses.append(address)
                ttl = min(ttl, Int(current.pointee.ai_ttl))
            }
            node = current.pointee.ai_next
        }
        var alias = result.cnames
        while let current = alias {
            ttl = min(ttl, Int(current.pointee.ttl))
            alias = current.pointee.next
        }
        return (addresses, ttl)
    }

    private static func address(_ node: ares_addrinfo_node, _ family: ResolvedAddress.Family) -> ResolvedAddress? {
        guard let socketAddress = UnsafeRawPointer(node.ai_addr) else { return nil }
        let length = Int(node.ai_addrlen)
        switch (family, node.ai_family) {
        case (.v4, AF_INET) where length >= MemoryLayout<sockaddr_in>.size:
            let found = socketAddress.loadUnaligned(as: sockaddr_in.self).sin_addr
            return withUnsafeBytes(of: found) { ResolvedAddress(bytes: $0) }
        case (.v6, AF_INET6) where length >= MemoryLayout<sockaddr_in6>.size:
            let found = socketAddress.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return withUnsafeBytes(of: found) { ResolvedAddress(bytes: $0) }
        default:
            return nil
        }
    }
}
