/// The two IP families. Each has its own rules, tools and kernel tables.
package enum AddressFamily: String, Sendable, CaseIterable {
    case ipv4 = "IPv4"
    case ipv6 = "IPv6"

    /// Bits of an address of this family.
    package var addressBits: Int { self == .ipv4 ? 32 : 128 }
}
