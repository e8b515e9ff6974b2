package import GatewayAPI

/// Which of the own Services' routes a request at the inbound door still needs.
extension RouteTable {
    /// Whether any Service's routes protect the port: one that leaves enforcement to its callers protects nothing.
    package func isInboundRouted(_ inboundPort: Int32) -> Bool { mergedFrontend(inboundPort) >= 0 }

    /// Whether a Host (without port) is an address, written as a literal.
    package static func isHost(_ host: UnsafeRawBufferPointer, the address: IPAddress) -> Bool {
        IPLiteral.parseHost(host) == address
    }

    /// Whether a backend is one of the Services that this port serves: a rule that draws it stays in this pod.
    package func isOwnBackend(_ inboundPort: Int32, _ backend: Int32) -> Bool {
        inboundMembers(inboundPort).contains { inboundMember($0).backend == backend }
    }

    /// The frontend whose routes are to be applied; -1 when none are.
    ///
    /// - Another sidecar's request has had its Service's routes, and a Service behind a Service is not routed again.
    /// - A gateway's request gets them, unless the route that the gateway applied is bound to the Service too, or the
    ///   Service leaves gateway traffic alone (`weir.dev/route-enforcement: mesh`).
    /// - Everybody else's gets the routes of the Service that its Host names, or of all that serve the port: fails
    ///   closed.
    ///
    /// - Parameter applied: what the caller's proxy says, nil when it says nothing.
    package func protection(
        _ inboundPort: Int32, host: UnsafeRawBufferPointer, hostPort: UInt16, applied: RoutedHeader?
    ) -> Int32 {
        let named = inboundMember(inboundPort, host: host, hostPort: hostPort)
        guard let applied else {
            if named < 0 { return mergedFrontend(inboundPort) }
            return inboundMember(named).enforcement == .off ? -1 : inboundMember(named).frontend
        }
        guard applied.kind == .gateway else { return closedToPeers(inboundPort, named: named, applied) }
        if named >= 0 { return needsRoutes(named, afterGateway: applied) ? inboundMember(named).frontend : -1 }
        // A gateway's Host is seldom the Service's name: one member that was routed already stands for all.
        let needs = inboundMembers(inboundPort).allSatisfy { needsRoutes($0, afterGateway: applied) }
        return needs ? mergedFrontend(inboundPort) : -1
    }

    /// Of another sidecar's request: the frontend of what is closed even so.
    private func closedToPeers(_ inboundPort: Int32, named: Int32, _ applied: RoutedHeader) -> Int32 {
        guard applied.kind == .podAddress else { return -1 }
        if named >= 0 { return inboundMember(named).isClosedToPeers ? inboundMember(named).frontend : -1 }
        return inboundMembers(inboundPort).allSatisfy { inboundMember($0).isClosedToPeers }
            ? mergedFrontend(inboundPort) : -1
    }

    private func needsRoutes(_ member: Int32, afterGateway header: RoutedHeader) -> Bool {
        inboundMember(member).enforcement == .all && !isBound(member, toRouteOf: header)
    }
}
