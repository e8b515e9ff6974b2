internal import GatewayAPI
internal import Kubernetes

/// The objects in the cluster that bear the controller's mark, as its watches tell of them.
struct ManagedInventory {
    struct Entry {
        var object: Node
        var origin: ManagedOrigin
        var hash: String?
        var uid: String?
        /// nil when it is no number.
        var version: UInt64?
        var isBeingDeleted: Bool
        /// `spec.replicas` where it is our field.
        var ownedReplicas: Int64?
    }

    private(set) var entries: [ManagedID: Entry] = [:]
    private(set) var byGateway: [ObjectKey: Set<ManagedID>] = [:]
    private var synced: Set<APIKind> = []

    /// Every kind has been listed, or is not served: nothing is missing here that is there.
    var isSynced: Bool { synced.count == ManagedKinds.all.count }

    mutating func setSynced(_ kind: APIKind) { synced.insert(kind) }

    /// Takes in an object as a watch or the answer to a write tells of it; nil when it is none. A state that is older
    /// than the known one is passed over: a write's answer may come after the watch has told of somebody's next one.
    mutating func insert(_ kind: APIKind, _ object: Node) -> ManagedID? {
        guard let id = ManagedInventory.id(kind, object) else { return nil }
        if let known = entries[id]?.version, let version = Self.version(object), version < known { return id }
        remove(id)
        guard ManagedInventory.isMarked(object) else { return id }
        let metadata = object["metadata"]
        let annotations = metadata?["annotations"]
        var kept = object
        // The longest part of most objects, and nobody reads it here.
        kept.update("metadata") { $0.set("managedFields", nil) }
        let origin = ManagedOrigin(object)
        entries[id] = Entry(
            object: kept, origin: origin, hash: annotations?[ManagedMark.hash]?.stringValue,
            uid: metadata?["uid"]?.stringValue, version: Self.version(object),
            isBeingDeleted: metadata?["deletionTimestamp"]?.stringValue != nil,
            ownedReplicas: ReplicasHandover.ownedReplicas(of: object))
        if let gateway = origin.gateway { byGateway[gateway, default: []].insert(id) }
        return id
    }

    mutating func remove(_ id: ManagedID) {
        guard let entry = entries.removeValue(forKey: id), let gateway = entry.origin.gateway else { return }
        byGateway[gateway]?.remove(id)
        if byGateway[gateway]?.isEmpty == true { byGateway[gateway] = nil }
    }

    /// Takes everything of a kind out, and tells what it was.
    mutating func removeAll(_ kind: APIKind) -> [ManagedID] {
        let ids = entries.keys.filter { $0.kind == kind }
        for id in ids { remove(id) }
        return ids
    }

    private static func version(_ object: Node) -> UInt64? {
        object["metadata"]?["resourceVersion"]?.stringValue.flatMap { UInt64($0) }
    }

    static func isMarked(_ object: Node) -> Bool {
        object["metadata"]?["labels"]?[ManagedMark.managedBy]?.stringValue == ManagedMark.manager
    }

    static func id(_ kind: APIKind, _ object: Node) -> ManagedID? {
        guard let metadata = object["metadata"], let name = metadata["name"]?.stringValue else { return nil }
        return ManagedID(
            kind: kind, key: ObjectKey(namespace: metadata["namespace"]?.stringValue ?? "", name: name))
    }
}

extension ManagedInventory.Entry {
    /// Pods that a workload counts as available; nil for anything else.
    func availablePods(_ kind: APIKind) -> Int64? {
        switch kind {
        case ManagedKinds.deployment: object["status"]?["availableReplicas"]?.integerValue ?? 0
        case ManagedKinds.daemonSet: object["status"]?["numberAvailable"]?.integerValue ?? 0
        default: nil
        }
    }

    /// What keeps a Deployment from making pods: a quota, Pod Security, a webhook. DaemonSets do not say.
    func podRefusal(_ kind: APIKind) -> String? {
        guard kind == ManagedKinds.deployment else { return nil }
        let conditions = object["status"]?["conditions"]?.elements ?? []
        return conditions.first {
            $0["type"]?.stringValue == "ReplicaFailure" && $0["status"]?.stringValue == "True"
        }?["message"]?.stringValue
    }
}
