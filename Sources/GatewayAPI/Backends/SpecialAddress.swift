/// What an address is when it is no host somewhere else: RFC 6890 and the registries that it describes.
package enum SpecialAddress: String, Sendable {
    case unspecified = "an unspecified address, which means this machine"
    case loopback = "a loopback address"
    case linkLocal = "a link-local address"
    case multicast = "a multicast address"
    case broadcast = "a broadcast or reserved address"
    case metadata = "an address of a cloud's metadata service"

    /// nil: the address itself has no such use. What it embeds is looked at apart, by `IPAddress.embedded`.
    package init?(_ address: IPAddress) {
        guard let found = address.isIPv6 ? Self.ofIPv6(address) : Self.ofIPv4(UInt32(truncatingIfNeeded: address.low))
        else { return nil }
        self = found
    }

    private static func ofIPv4(_ value: UInt32) -> SpecialAddress? {
        switch value {
        case 0xa83f_8110, 0x6464_64c8, 0xc000_00c0: return .metadata  // 168.63.129.16, 100.100.100.200, 192.0.0.192
        default: break
        }
        if value >> 16 == 0xa9fe { return .linkLocal }  // 169.254.0.0/16
        switch value >> 24 {
        case 0: return .unspecified
        case 127: return .loopback
        case 224...239: return .multicast
        case 240...255: return .broadcast
        default: return nil
        }
    }

    private static func ofIPv6(_ address: IPAddress) -> SpecialAddress? {
        if address.isUnspecified { return .unspecified }
        if address.isLoopback { return .loopback }
        // fe80::/10, and fec0::/10, which nobody routes either.
        if address.high >> 55 == 0x1fd { return .linkLocal }
        if address.high >> 56 == 0xff { return .multicast }
        switch (address.high, address.low) {
        case (0xfd00_0ec2_0000_0000, 0x254), (0xfd20_00ce_0000_0000, 0x254): return .metadata
        default: return nil
        }
    }
}

extension IPAddress {
    /// The IPv4 addresses that a translator or tunnel makes of this IPv6 address. IPv4-mapped ones are IPv4 already.
    package var embedded: [IPAddress] {
        guard isIPv6 else { return [] }
        let last = IPAddress(ipv4: UInt32(truncatingIfNeeded: low))
        switch high {
        // IPv4-compatible (::/96) and IPv4-translated (::ffff:0:0:0/96).
        case 0 where low >> 32 == 0 && low > 1, 0 where low >> 32 == 0xffff_0000: return [last]
        // NAT64, RFC 6052: the well-known prefix.
        case 0x0064_ff9b_0000_0000 where low >> 32 == 0: return [last]
        // NAT64 of one's own (64:ff9b:1::/48, RFC 8215): of any prefix length that RFC 6052 has.
        case _ where high >> 16 == 0x0064_ff9b_0001: return [translated48, translated56, translated64, last]
        // 6to4, RFC 3056.
        case _ where high >> 48 == 0x2002: return [IPAddress(ipv4: UInt32(truncatingIfNeeded: high >> 16))]
        // Teredo, RFC 4380: the server, and the client's address inverted.
        case _ where high >> 32 == 0x2001_0000:
            return [
                IPAddress(ipv4: UInt32(truncatingIfNeeded: high)), IPAddress(ipv4: ~UInt32(truncatingIfNeeded: low)),
            ]
        // ISATAP, RFC 5214: the interface identifier, whatever the prefix.
        case _ where low >> 32 & ~0x0200_0000 == 0x5efe: return [last]
        default: return []
        }
    }

    // Where RFC 6052 section 2.2 puts the IPv4 address for prefixes of 48, 56 and 64 bits; bits 64 to 71 are zero.

    private var translated48: IPAddress {
        IPAddress(ipv4: UInt32(truncatingIfNeeded: high << 16) | UInt32(truncatingIfNeeded: low >> 40 & 0xffff))
    }

    private var translated56: IPAddress {
        IPAddress(ipv4: UInt32(truncatingIfNeeded: high << 24) | UInt32(truncatingIfNeeded: low >> 32 & 0xff_ffff))
    }

    private var translated64: IPAddress { IPAddress(ipv4: UInt32(truncatingIfNeeded: low >> 24)) }
}
