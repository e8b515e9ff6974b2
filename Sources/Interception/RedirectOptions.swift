/// What `weir intercept` should redirect, checked and in canonical form.
package struct RedirectOptions: Equatable, Sendable {
    /// Whether the IPv6 rules are applied.
    package enum IPv6Mode: String, Sendable, CaseIterable {
        /// Where the namespace has IPv6; a failing ip6tables is then an error, since traffic would bypass the proxy.
        case auto
        case on
        /// IPv6 rules are neither made, checked nor removed.
        case off
    }

    package static let defaultProxyUID = 1337
    package static let defaultInboundPort = 15006
    package static let defaultOutboundPort = 15001
    /// The proxy's own health and metrics port: always reachable without passing a door.
    package static let telemetryPort: UInt16 = 15020

    package let proxyUID: UInt32
    package let proxyGID: UInt32
    package let inboundPort: UInt16
    package let outboundPort: UInt16
    package let excludedInboundPorts: PortList
    package let excludedOutboundPorts: PortList
    package let excludedOutboundNetworks: [CIDR]
    package let ipv6: IPv6Mode

    /// Checks the values of the flags, as given on the command line.
    ///
    /// - Parameters:
    ///   - proxyGID: The proxy's group; the same number as `proxyUID` when nil.
    ///   - excludeInboundPorts: Added to the telemetry port, which is always left alone.
    /// - Throws: `InterceptError.invalidValue` for the first value that cannot be used.
    package init(
        proxyUID: Int = defaultProxyUID, proxyGID: Int? = nil,
        inboundPort: Int = defaultInboundPort, outboundPort: Int = defaultOutboundPort,
        excludeInboundPorts: String = "", excludeOutboundPorts: String = "", excludeOutboundCIDRs: String = "",
        ipv6: IPv6Mode = .auto
    ) throws(InterceptError) {
        self.proxyUID = try RedirectOptions.id(proxyUID, flag: "--proxy-uid", owners: "user")
        self.proxyGID = try RedirectOptions.id(proxyGID ?? proxyUID, flag: "--proxy-gid", owners: "group")
        self.inboundPort = try RedirectOptions.port(inboundPort, flag: "--inbound-port")
        self.outboundPort = try RedirectOptions.port(outboundPort, flag: "--outbound-port")
        if inboundPort == outboundPort {
            throw .invalidValue(
                flag: "--outbound-port", value: "\(outboundPort)", allowed: "a port other than --inbound-port",
                consequence: "One door cannot tell inbound from outbound traffic.")
        }
        let telemetry = PortList([PortRange(RedirectOptions.telemetryPort, RedirectOptions.telemetryPort)])
        excludedInboundPorts = try PortList(parsing: excludeInboundPorts, flag: "--exclude-inbound-ports")
            .union(telemetry)
        excludedOutboundPorts = try PortList(parsing: excludeOutboundPorts, flag: "--exclude-outbound-ports")
        excludedOutboundNetworks = try CIDR.list(parsing: excludeOutboundCIDRs, flag: "--exclude-outbound-cidrs")
        self.ipv6 = ipv6
    }

    private static func id(_ value: Int, flag: String, owners: String) throws(InterceptError) -> UInt32 {
        // The last number means "no id" to the kernel; 0 would exempt everything that runs as root.
        guard value > 0, let id = UInt32(exactly: value), id < UInt32.max else {
            throw .invalidValue(
                flag: flag, value: "\(value)", allowed: "1..\(UInt32.max - 1)",
                consequence: "Traffic of this \(owners) is not redirected; with 0 that would be everything run as root."
            )
        }
        return id
    }

    private static func port(_ value: Int, flag: String) throws(InterceptError) -> UInt16 {
        guard value > 0, let port = UInt16(exactly: value) else {
            throw .invalidValue(
                flag: flag, value: "\(value)", allowed: "1..65535",
                consequence: "The pod's connections would be redirected to a port where no proxy can listen.")
        }
        return port
    }
}
