internal import GatewayAPI

/// Which backends are to be called over TLS, and what asks for it. None can be: they are not called in plaintext instead.
struct BackendTLSDemands {
    private struct Demand {
        var policy: ObjectKey
        /// The name of a Service's port; nil for all ports.
        var sectionName: String?
    }

    private var services: [ObjectKey: [Demand]] = [:]
    private var backends: [ObjectKey: [Demand]] = [:]

    init(_ policies: [ObjectKey: BackendTLSPolicy]) {
        for key in policies.keys.sorted() {
            for target in policies[key]?.targets ?? [] { add(target, of: key) }
        }
    }

    /// A target without a name stands under the empty name: for all of the namespace.
    private mutating func add(_ target: BackendTLSPolicy.Target, of policy: ObjectKey) {
        let key = ObjectKey(namespace: policy.namespace, name: target.name)
        let demand = Demand(policy: policy, sectionName: target.sectionName)
        switch (target.group, target.kind) {
        // The group of routes is the commonest slip.
        case ("", "Service"), ("core", "Service"), (GroupName.gatewayAPI, "Service"):
            services[key, default: []].append(demand)
        case (GroupName.kgateway, "Backend"), ("", "Backend"): backends[key, default: []].append(demand)
        default: break
        }
    }

    var isEmpty: Bool { services.isEmpty && backends.isEmpty }

    /// The policy that a Service's port falls under. One for a port that the Service does not have may be meant for any: somebody
    /// has renamed the port.
    func policy(for port: UInt16, of service: Service) -> ObjectKey? {
        let names = Set(service.ports.filter { $0.port == port }.map(\.name))
        let allNames = Set(service.ports.map(\.name))
        return demands(on: service.metadata.key, services).first { demand in
            demand.sectionName.map { names.contains($0) || !allNames.contains($0) } ?? true
        }?.policy
    }

    func policy(forBackend key: ObjectKey) -> ObjectKey? { demands(on: key, backends).first?.policy }

    private func demands(on key: ObjectKey, _ demands: [ObjectKey: [Demand]]) -> [Demand] {
        (demands[key] ?? []) + (demands[ObjectKey(namespace: key.namespace, name: "")] ?? [])
    }
}
