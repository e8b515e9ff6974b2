internal import GatewayAPI
internal import Glibc

/// The pod's own ports, and which Services' routes protect them.
extension RouteTable {
    /// The record of one of the pod's ports; -1 when no Service with routes leads to it (nothing is applied).
    package func inboundPort(_ port: UInt16) -> Int32 {
        for index in 0..<Int32(inboundPorts.count) where inboundPorts[index].port == port { return index }
        return -1
    }

    package func inboundAppProtocol(_ inboundPort: Int32) -> AppProtocol { inboundPorts[inboundPort].appProtocol }

    /// The Services that lead to a port, as positions for `inboundMember`.
    package func inboundMembers(_ inboundPort: Int32) -> Range<Int32> {
        let record = inboundPorts[inboundPort]
        return record.memberStart..<(record.memberStart + record.memberCount)
    }

    package func inboundMember(_ index: Int32) -> InboundMember { inboundMembers[index] }

    /// The frontend with the routes of all members; -1 when none of them is enforced here.
    package func mergedFrontend(_ inboundPort: Int32) -> Int32 { inboundPorts[inboundPort].merged }

    /// The member whose Service the Host (without port) names; -1 when it names none, or several that `hostPort` (0
    /// when the Host has none) does not tell apart.
    ///
    /// Names are `svc` (when members of one namespace only are called so), `svc.ns`, `svc.ns.svc` and `svc.ns.svc.`
    /// with any suffix, in any case, with or without a trailing dot; or one of the Service's ClusterIPs, IPv6 in
    /// brackets.
    package func inboundMember(_ inboundPort: Int32, host: UnsafeRawBufferPointer, hostPort: UInt16 = 0) -> Int32 {
        let address = IPLiteral.parseHost(host)
        var named: Int32 = -1
        var namedCount = 0
        var onPort: Int32 = -1
        var onPortCount = 0
        for index in inboundMembers(inboundPort) {
            let member = inboundMembers[index]
            guard address.map({ hasAddress(member, $0) }) ?? isNamed(member, by: host) else { continue }
            named = index
            namedCount += 1
            if member.servicePort == (hostPort == 0 ? 80 : hostPort) {
                onPort = index
                onPortCount += 1
            }
        }
        if namedCount == 1 { return named }
        return onPortCount == 1 ? onPort : -1
    }

    /// The frontend whose routes a request gets: the named member's, else the merged one (fails closed).
    package func inboundFrontend(_ inboundPort: Int32, host: UnsafeRawBufferPointer, hostPort: UInt16 = 0) -> Int32 {
        let member = inboundMember(inboundPort, host: host, hostPort: hostPort)
        return member < 0 ? inboundPorts[inboundPort].merged : inboundMembers[member].frontend
    }

    /// Whether one of the routes that the previous hop applied is bound to a member's Service.
    package func isBound(_ member: Int32, toRouteOf header: RoutedHeader) -> Bool {
        let record = inboundMembers[member]
        let bound = memberRoutes.slice(record.routeStart, record.routeCount)
        var routes = header.routes
        while let route = RoutedHeader.nextRoute(&routes) {
            for key in bound where Bytes.equal(bytes(key), route) { return true }
        }
        return false
    }

    /// Whether the previous hop names exactly this member's Service and port as the frontend it served.
    package func isFrontend(_ member: Int32, of header: RoutedHeader) -> Bool {
        header.kind == .service && Bytes.equal(bytes(frontends[inboundMembers[member].frontend].name), header.frontend)
    }

    private func hasAddress(_ member: InboundMember, _ address: IPAddress) -> Bool {
        for own in memberAddresses.slice(member.addressStart, member.addressCount)
        where own.low == address.low && own.high == address.high && own.isIPv6 == address.isIPv6 { return true }
        return false
    }

    private func isNamed(_ member: InboundMember, by written: UnsafeRawBufferPointer) -> Bool {
        var host = Bytes.withoutTrailingDot(written)
        guard RouteTable.takeLabel(&host, bytes(member.name)) else { return false }
        if host.isEmpty { return true }
        guard RouteTable.takeLabel(&host, bytes(member.namespace)) else { return false }
        if host.isEmpty { return true }
        let svc: StaticString = "svc"
        return RouteTable.takeLabel(&host, UnsafeRawBufferPointer(start: svc.utf8Start, count: svc.utf8CodeUnitCount))
    }

    /// Takes `label` and the dot after it off the front of `host`.
    private static func takeLabel(_ host: inout UnsafeRawBufferPointer, _ label: UnsafeRawBufferPointer) -> Bool {
        guard host.count >= label.count,
            Bytes.equalIgnoringCase(Bytes.slice(host, 0, label.count), lower: label)
        else { return false }
        if host.count == label.count {
            host = UnsafeRawBufferPointer(start: nil, count: 0)
            return true
        }
        guard host[label.count] == UInt8(ascii: "."), host.count > label.count + 1 else { return false }
        host = Bytes.slice(host, label.count + 1, host.count)
        return true
    }
}

/// IP addresses in a Host.
enum IPLiteral {
    /// Longest text of an address, with a byte for the terminator.
    private static let capacity = 46

    /// `192.0.2.1` or `[2001:db8::1]`; nil for anything else.
    static func parseHost(_ host: UnsafeRawBufferPointer) -> IPAddress? {
        guard let first = host.first else { return nil }
        if first == UInt8(ascii: "[") {
            guard host.count > 2, host.last == UInt8(ascii: "]") else { return nil }
            return parse(Bytes.slice(host, 1, host.count - 1), isIPv6: true)
        }
        guard first &- 0x30 < 10 else { return nil }
        return parse(host, isIPv6: false)
    }

    private static func parse(_ text: UnsafeRawBufferPointer, isIPv6: Bool) -> IPAddress? {
        guard text.count < capacity else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: capacity + 16, alignment: 8) { buffer in
            buffer.initializeMemory(as: UInt8.self, repeating: 0)
            buffer.copyMemory(from: text)
            guard let base = buffer.baseAddress else { return nil }
            let result = base + capacity
            guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, base.assumingMemoryBound(to: CChar.self), result) == 1 else {
                return nil
            }
            if !isIPv6 { return IPAddress(ipv4: UInt32(bigEndian: result.loadUnaligned(as: UInt32.self))) }
            return IPAddress(
                high: UInt64(bigEndian: result.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: result.loadUnaligned(fromByteOffset: 8, as: UInt64.self)), isIPv6: true)
        }
    }
}
