/// An IPv4 or IPv6 address as a plain value. IPv4-mapped IPv6 addresses are kept as IPv4.
package struct IPAddress: Hashable, Sendable {
    /// The 128 bits in network order as two big-endian words; IPv4 sits in the low 32 bits of `low`.
    package var high: UInt64
    package var low: UInt64
    package var isIPv6: Bool

    package init(high: UInt64, low: UInt64, isIPv6: Bool) {
        let isMapped = isIPv6 && high == 0 && low >> 32 == 0xffff
        self.high = high
        self.low = isMapped ? low & 0xffff_ffff : low
        self.isIPv6 = isIPv6 && !isMapped
    }

    package init(ipv4 value: UInt32) {
        self.init(high: 0, low: UInt64(value), isIPv6: false)
    }

    package var isLoopback: Bool { isIPv6 ? high == 0 && low == 1 : low >> 24 == 127 }
    package var isUnspecified: Bool { high == 0 && low == 0 }
}
