internal import GatewayAPI

extension FrontendRoom {
    /// Frontends of the outbound door: TCP ports of Services that have a ClusterIP.
    static let services = SharedRoom(total: 262_144, each: 65_536)

    /// Services that there is no room for among the frontends, and why.
    static func refusedServices(_ services: ServiceTable) -> [ObjectKey: SharedRoom.Refusal] {
        let ports = services.frontendPorts
        guard ports.values.reduce(0, +) > min(Self.services.total, Self.services.each) else { return [:] }
        let claims = services.values.lazy.filter(\.isFrontend).map { service in
            Claim(service.metadata, amount: service.ports.count { $0.isTCP })
        }
        let counted = Array(claims)
        return Dictionary(
            uniqueKeysWithValues: Self.services.refusals(counted).map { (counted[$0].object, $1) })
    }
}

extension PlanBuilder {
    /// Services of one namespace that are told of one by one.
    private static let reportedServices = 100

    /// Says which Services are no frontends for want of room.
    func reportRefused(_ services: [ObjectKey: SharedRoom.Refusal]) {
        guard !services.isEmpty else { return }
        for (_, keys) in Dictionary(grouping: services.keys, by: \.namespace) {
            for key in keys.sorted().prefix(Self.reportedServices) {
                guard let refusal = services[key] else { continue }
                report(
                    Problem(
                        severity: .error, id: .budget, object: "Service \(key)", field: "spec.ports",
                        message:
                            "\(Self.message(refusal, key.namespace)); connections to it pass as to an address outside "
                            + "of the mesh, and its routes are applied by its own pods alone"))
            }
        }
    }

    private static func message(_ refusal: SharedRoom.Refusal, _ namespace: String) -> String {
        switch refusal {
        case .tenantLimit(let limit):
            "the Services of namespace \(namespace) have more than the \(limit) TCP ports that they may have in the mesh, and "
                + "this is one of the newest"
        case .share(let share, let total):
            "all Services together have more than \(total) TCP ports, of which namespace \(namespace) may have \(share) in the "
                + "mesh, and this is one of its newest"
        }
    }
}
