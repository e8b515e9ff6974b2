package import GatewayAPI
package import Resolver

extension IPAddress {
    /// An address as the name servers gave it; the resolver keeps IPv4 in the upper half of `high`, this type in `low`.
    package init(resolved address: ResolvedAddress) {
        switch address.family {
        case .v4: self.init(ipv4: UInt32(truncatingIfNeeded: address.high >> 32))
        case .v6: self.init(high: address.high, low: address.low, isIPv6: true)
        }
    }
}
