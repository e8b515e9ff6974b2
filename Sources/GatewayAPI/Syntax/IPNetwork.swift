/// A network of IP addresses, written `10.0.0.0/8` or `fd00::/8`; an address alone is a network of one.
package struct IPNetwork: Hashable, Sendable {
    /// The first address of the network.
    package let address: IPAddress
    package let prefixLength: Int

    package init(_ address: IPAddress, prefixLength: Int) {
        let length = min(max(prefixLength, 0), address.bitWidth)
        self.prefixLength = length
        self.address = address.masked(length)
    }

    /// Reads one network; nil for anything else. Bits behind the prefix are ignored. An IPv4-mapped network
    /// (`::ffff:10.0.0.0/104`) is the IPv4 network it stands for.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let address = IPAddress(first) else { return nil }
        let isMapped = !address.isIPv6 && first.utf8.contains(UInt8(ascii: ":"))
        let hidden = isMapped ? IPAddress.mappedPrefix : 0
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.bitWidth)
            return
        }
        guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let length = Int(parts[1]), (hidden...(hidden + address.bitWidth)).contains(length)
        else { return nil }
        self.init(address, prefixLength: length - hidden)
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.isIPv6 == address.isIPv6 && other.masked(prefixLength) == address
    }

    package func overlaps(_ other: IPNetwork) -> Bool { contains(other.address) || other.contains(address) }
}

extension IPNetwork: CustomStringConvertible {
    package var description: String { "\(address)/\(prefixLength)" }
}

extension IPAddress {
    /// Bits in front of the IPv4 address in an IPv4-mapped one.
    static let mappedPrefix = 96

    var bitWidth: Int { isIPv6 ? 128 : 32 }

    /// The address with the bits behind the first `length` cleared.
    fileprivate func masked(_ length: Int) -> IPAddress {
        guard isIPv6 else { return IPAddress(ipv4: UInt32(truncatingIfNeeded: low) & ~(UInt32.max >> UInt32(length))) }
        // A shift by the whole width leaves nothing, as it should.
        return IPAddress(
            high: high & ~(UInt64.max >> UInt64(min(length, 64))),
            low: low & ~(UInt64.max >> UInt64(max(length - 64, 0))),
            isIPv6: true)
    }
}
