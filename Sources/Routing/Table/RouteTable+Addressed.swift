/// Which Service a request at the inbound door was meant for, where no routes are applied to it.
extension RouteTable {
    /// The frontend that the caller's proxy names, else the one that Host names, else the only one that leads to the
    /// port; -1 where that leaves it open. For the record only: what is applied, `protection` decides.
    package func addressedFrontend(
        _ inboundPort: Int32, host: UnsafeRawBufferPointer, hostPort: UInt16, applied: RoutedHeader?
    ) -> Int32 {
        let members = inboundMembers(inboundPort)
        if let applied, let told = members.first(where: { isFrontend($0, of: applied) }) {
            return inboundMember(told).frontend
        }
        let named = inboundMember(inboundPort, host: host, hostPort: hostPort)
        if named >= 0 { return inboundMember(named).frontend }
        guard members.count == 1, let only = members.first else { return -1 }
        return inboundMember(only).frontend
    }
}
