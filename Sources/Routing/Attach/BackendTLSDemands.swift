internal import GatewayAPI

/// Which backends are to be called over TLS, and what asks for it. None can be: they are not called in plaintext
/// instead.
struct BackendTLSDemands {
    private struct Demand {
        var policy: ObjectKey
        var target: UnservedPolicy.Target
    }

    private var services: [ObjectKey: [Demand]] = [:]
    private var backends: [ObjectKey: [Demand]] = [:]

    init(_ policies: [ResourceID: UnservedPolicy]) {
        let asking = policies.values.filter { $0.id.kind == .backendTLSPolicy }
        for policy in asking.sorted(by: { $0.id.key < $1.id.key }) {
            for target in policy.targets { add(target, of: policy.id.key) }
        }
    }

    /// A target without a name stands under the empty name: for all of the namespace.
    private mutating func add(_ target: UnservedPolicy.Target, of policy: ObjectKey) {
        let key = ObjectKey(namespace: policy.namespace, name: target.name)
        let demand = Demand(policy: policy, target: target)
        if target.isService { services[key, default: []].append(demand) }
        if target.isBackend { backends[key, default: []].append(demand) }
    }

    var isEmpty: Bool { services.isEmpty && backends.isEmpty }

    /// The policy that a Service's port falls under.
    func policy(for port: UInt16, of service: Service) -> ObjectKey? {
        demands(on: service.metadata.key, services).first { $0.target.covers(port, of: service) }?.policy
    }

    func policy(forBackend key: ObjectKey) -> ObjectKey? { demands(on: key, backends).first?.policy }

    private func demands(on key: ObjectKey, _ demands: [ObjectKey: [Demand]]) -> [Demand] {
        (demands[key] ?? []) + (demands[ObjectKey(namespace: key.namespace, name: "")] ?? [])
    }
}

extension UnservedPolicy.Target {
    /// The group of routes is the commonest slip.
    var isService: Bool { kind == "Service" && ["", "core", GroupName.gatewayAPI].contains(group) }

    var isBackend: Bool { kind == "Backend" && ["", GroupName.kgateway].contains(group) }

    func meansService(_ name: String) -> Bool { isService && (self.name == name || self.name.isEmpty) }

    func meansBackend(_ name: String) -> Bool { isBackend && (self.name == name || self.name.isEmpty) }

    /// Whether a port of the Service is meant. One for a port that the Service does not have may be meant for any:
    /// somebody has renamed the port.
    func covers(_ port: UInt16, of service: Service) -> Bool {
        guard let sectionName else { return true }
        let named = service.ports.filter { $0.name == sectionName }
        return named.isEmpty || named.contains { $0.port == port }
    }
}
