internal import GatewayAPI
internal import Kubernetes

/// What is to be done about one object. Pure.
enum ProvisioningStep: Hashable {
    case none
    /// It is not known to be there: look whether somebody else's object has its name, then make it.
    case look(ManagedObject)
    case apply(ManagedObject)
    /// Our number of replicas is no longer wanted: leave it to the cluster as it is, then apply.
    case handOver(ManagedObject, replicas: Int64)
    case delete(uid: String?)
    /// Nothing is known of its Gateway: delete it only when the server says that there is none.
    case confirm(ObjectKey, uid: String?)
    case refuse(String)

    static func next(
        for id: ManagedID, wanted: ManagedObject?, inventory: ManagedInventory, plans: [ObjectKey: ProvisioningPlan],
        accepted: (hash: String, projection: Node)?
    ) -> ProvisioningStep {
        if let wanted { return step(wanted, inventory, accepted) }
        guard let live = inventory.entries[id], let gateway = live.origin.gateway,
            live.origin.isMade(for: gateway, in: id.key.namespace), !live.isBeingDeleted
        else { return .none }
        switch plans[gateway] {
        case .hold: return .none
        case .objects: return isStillServing(id, gateway, inventory, plans) ? .none : .delete(uid: live.uid)
        case nil: return .confirm(gateway, uid: live.uid)
        }
    }

    /// Nothing yet when the object needs another one first; looked at again once that one is there.
    private static func step(
        _ wanted: ManagedObject, _ inventory: ManagedInventory, _ accepted: (hash: String, projection: Node)?
    ) -> ProvisioningStep {
        let step = inventory.entries[wanted.id].map { self.step(wanted, $0, accepted) } ?? .look(wanted)
        guard step.isWrite, let prerequisite = wanted.id.prerequisite else { return step }
        guard let needed = inventory.entries[prerequisite], !needed.isBeingDeleted, needed.origin.isMade(as: wanted)
        else { return .none }
        return step
    }

    private var isWrite: Bool {
        switch self {
        case .look, .apply, .handOver: true
        case .none, .delete, .confirm, .refuse: false
        }
    }

    private static func step(
        _ wanted: ManagedObject, _ live: ManagedInventory.Entry, _ accepted: (hash: String, projection: Node)?
    ) -> ProvisioningStep {
        if let owner = live.origin.gateway, owner != wanted.gateway {
            return .refuse("\(wanted.id) exists and is Gateway \(owner)'s; it is left alone")
        }
        guard live.origin.isMade(as: wanted) else {
            return .refuse("\(wanted.id) exists and was not made for this Gateway; it is left alone")
        }
        // It will be gone; then it is made anew.
        if live.isBeingDeleted { return .none }
        guard live.hash == wanted.hash else {
            guard let replicas = live.ownedReplicas, wanted.content["spec"]?["replicas"] == nil else {
                return .apply(wanted)
            }
            return .handOver(wanted, replicas: replicas)
        }
        let projection = FieldProjection.of(live.object, onto: wanted.content)
        if projection == wanted.content { return .none }
        if let accepted, accepted.hash == wanted.hash, accepted.projection == projection { return .none }
        return .apply(wanted)
    }

    /// A workload that another kind of workload takes over from stays until that one has a pod.
    private static func isStillServing(
        _ id: ManagedID, _ gateway: ObjectKey, _ inventory: ManagedInventory, _ plans: [ObjectKey: ProvisioningPlan]
    ) -> Bool {
        guard ManagedKinds.isWorkload(id.kind),
            let successor = plans[gateway]?.objects.first(where: { ManagedKinds.isWorkload($0.id.kind) })
        else { return false }
        let available = inventory.entries[successor.id]?.availablePods(successor.id.kind) ?? 0
        return available == 0
    }
}
