internal import GatewayAPI

/// Rooms for what a proxy keeps of other namespaces' objects, and what stands in the place of those that there is no
/// room for.
struct KeptObjects {
    /// Objects of a namespace, and of all, that are stood in for one by one.
    private static let standIns = (each: 100, total: 1_000)
    /// A Service of fewer bytes is kept as a few dozen of them, and counted as a frontend.
    private static let heavyService = 1_024

    private let own: String
    /// Whether routes guard what is called; at a gateway they are attached, or not.
    private let guards: Bool
    private var objects: ObjectRoom
    private var endpoints: ObjectRoom

    /// Nil for who reads a whole cluster, and keeps it.
    init?(_ scope: ClusterScope) {
        switch scope {
        case .sidecar(let pod):
            (own, guards) = (pod.namespace, true)
            objects = ObjectRoom(ClusterLimits.sidecarObjects)
            endpoints = ObjectRoom(ClusterLimits.sidecarEndpoints)
        case .gateway(let key, _):
            (own, guards) = (key.namespace, false)
            objects = ObjectRoom(ClusterLimits.gatewayObjects)
            endpoints = ObjectRoom(ClusterLimits.gatewayEndpoints)
        case .cluster: return nil
        }
    }

    private func isCounted(_ resource: Resource) -> Bool {
        switch resource {
        case .httpRoute, .unservedRoute, .backend, .unservedPolicy, .endpointSlice:
            resource.metadata.key.namespace != own
        case .service: resource.metadata.key.namespace != own && resource.weight > Self.heavyService
        case .gateway, .gatewayClass, .namespace, .referenceGrant, .secret, .listenerSet: false
        }
    }

    private static func keyPath(of kind: ResourceKind) -> WritableKeyPath<KeptObjects, ObjectRoom> {
        kind == .endpointSlice ? \.endpoints : \.objects
    }

    /// Takes note of an object as it is now; nil for one that is gone.
    mutating func note(_ id: ResourceID, _ resource: Resource?) {
        let counted = resource.flatMap { isCounted($0) ? Claim($0.metadata, amount: $0.weight) : nil }
        self[keyPath: Self.keyPath(of: id.kind)].note(id, counted)
    }

    func isOverflowing(_ id: ResourceID) -> Bool {
        self[keyPath: Self.keyPath(of: id.kind)].isOverflowing(id.key.namespace)
    }

    var isUnsettled: Bool { objects.isUnsettled || endpoints.isUnsettled }

    mutating func settle() -> (refused: [ResourceID: SharedRoom.Refusal], regained: Set<ResourceKind>) {
        let (first, second) = (objects.settle(), endpoints.settle())
        return (
            first.refused.merging(second.refused) { first, _ in first },
            Set(first.regained.union(second.regained).map(\.kind))
        )
    }

    func isRefused(_ id: ResourceID) -> Bool { self[keyPath: Self.keyPath(of: id.kind)].refused.contains(id) }

    /// Objects of the namespace are refused.
    func isShort(_ namespace: String) -> Bool { objects.refusedCount(of: namespace) > 0 }

    // MARK: In the place of what is refused

    /// What is left of an object that there is no room for; nil where what is missing serves nothing anyway.
    func standIn(for resource: Resource, _ reason: String) -> Resource? {
        guard guards, hasStandIns(resource.metadata.key.namespace) else { return nil }
        switch resource {
        case .httpRoute(let route):
            return .unservedRoute(
                UnservedRoute(
                    kind: .httpRoute, metadata: ObjectMeta(key: route.metadata.key),
                    parentRefs: Self.services(route.parentRefs), reason: reason))
        case .unservedRoute(var route):
            route.parentRefs = Self.services(route.parentRefs)
            route.reason = reason
            return .unservedRoute(route)
        default: return nil
        }
    }

    private func hasStandIns(_ namespace: String) -> Bool {
        objects.refusedCount(of: namespace) <= Self.standIns.each && objects.refused.count <= Self.standIns.total
    }

    /// What stands for all that a namespace has and is not known one by one: guards close whatever they may have been
    /// for, and what may have been meant to be called over TLS is not called.
    func standIns(for namespace: String, _ reason: String) -> [Resource] {
        guard objects.refusedCount(of: namespace) > 0 else { return [] }
        let key = Self.everything(namespace)
        var standIns: [Resource] = []
        if guards, !hasStandIns(namespace) {
            let any = ParentReference(group: "", kind: "Service", name: "")
            standIns.append(
                .unservedRoute(
                    UnservedRoute(kind: .httpRoute, metadata: ObjectMeta(key: key), parentRefs: [any], reason: reason)))
        }
        if objects.refused.contains(where: { $0.kind == .backendTLSPolicy && $0.key.namespace == namespace }) {
            let backends = UnservedPolicy.Target(group: "gateway.kgateway.dev", kind: "Backend", name: "")
            standIns.append(
                .unservedPolicy(
                    UnservedPolicy(
                        id: ResourceID(kind: .backendTLSPolicy, key: key),
                        targets: [UnservedPolicy.Target(name: ""), backends])))
        }
        return standIns
    }

    /// No object has this name.
    static func everything(_ namespace: String) -> ObjectKey { ObjectKey(namespace: namespace, name: "") }

    /// Each Service that is meant, whichever the port.
    private static func services(_ parents: [ParentReference]) -> [ParentReference] {
        var seen: Set<String> = []
        return parents.filter { $0.meansService && seen.insert("\($0.namespace ?? "")/\($0.name)").inserted }.prefix(32)
            .map {
                ParentReference(group: "", kind: "Service", namespace: $0.namespace, name: $0.name)
            }
    }
}
