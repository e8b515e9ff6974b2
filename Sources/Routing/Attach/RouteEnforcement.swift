package import GatewayAPI

/// `weir.dev/route-enforcement` on a Service: whose requests its routes are applied to at the inbound door.
package enum RouteEnforcement: String, Sendable {
    case all
    /// Leaves gateway traffic alone.
    case mesh
    /// The caller's side only; and what a broken route leaves closed is open.
    case off
}

extension RouteEnforcement {
    private static let annotation = "weir.dev/route-enforcement"

    /// What the annotation says; all when it is absent or has an unknown value.
    package init(of service: Service) {
        self = service.metadata.annotations[Self.annotation].flatMap { RouteEnforcement(rawValue: $0) } ?? .all
    }

    /// What is wrong with the annotation, if anything.
    static func defect(of service: Service) -> Problem? {
        guard let written = service.metadata.annotations[annotation], RouteEnforcement(rawValue: written) == nil else {
            return nil
        }
        return Problem(
            severity: .error, id: .invalidAnnotation, object: "Service \(service.metadata.key)",
            field: "metadata.annotations[\(annotation)]",
            value: written, message: "must be all, mesh or off; all is applied")
    }
}
