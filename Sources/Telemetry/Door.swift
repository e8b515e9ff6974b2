/// Where a connection came in.
package enum Door: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// From the application to the mesh.
    case outbound
    /// From the mesh to the application.
    case inbound
    /// At a Gateway listener.
    case gateway

    /// The `door` label and log field.
    package var label: StaticString {
        switch self {
        case .outbound: "outbound"
        case .inbound: "inbound"
        case .gateway: "gateway"
        }
    }
}
