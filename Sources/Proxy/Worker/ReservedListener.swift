package import Reactor
internal import Telemetry

/// A listening socket that was bound for a worker before privileges were given up.
package struct ReservedListener: Sendable {
    var frontendPort: UInt16
    var fd: Int32

    /// nil (and a line in the log) when it cannot be bound; the worker will say so again when it tries itself.
    package static func open(frontendPort: UInt16, bind: SocketAddress, offset: UInt16, in ports: DoorPorts)
        -> ReservedListener?
    {
        guard let address = gatewayAddress(frontendPort, bind: bind, offset: offset) else { return nil }
        guard let fd = try? ports.listen(address) else { return nil }
        return ReservedListener(frontendPort: frontendPort, fd: fd)
    }

    /// Where a Gateway listener's port is bound; nil when the offset leads beyond the last port.
    static func gatewayAddress(_ port: UInt16, bind: SocketAddress, offset: UInt16) -> SocketAddress? {
        let bound = port.addingReportingOverflow(offset)
        guard !bound.overflow else { return nil }
        var address = bind
        address.port = bound.partialValue
        return address
    }
}
