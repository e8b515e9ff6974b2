internal import GatewayAPI

/// What tells whether this controller made an object. Labels and annotations alone do not: they go along when somebody
/// copies it.
struct ManagedOrigin: Hashable {
    private struct Owner: Hashable {
        var name: String
        var uid: String
    }

    /// The Gateway named in its annotation.
    private(set) var gateway: ObjectKey?
    /// The Gateways among its owners; of its own namespace, since an owner has to be.
    private var owners: Set<Owner> = []
    /// Server-side apply as our field manager has written to it.
    private var isApplied: Bool

    init(_ object: Node) {
        let metadata = object["metadata"]
        gateway = metadata?["annotations"]?[ManagedMark.gateway]?.stringValue.flatMap { ObjectKey($0) }
        for reference in metadata?["ownerReferences"]?.elements ?? [] where reference["kind"]?.stringValue == "Gateway"
        {
            guard let name = reference["name"]?.stringValue, let uid = reference["uid"]?.stringValue else { continue }
            owners.insert(Owner(name: name, uid: uid))
        }
        isApplied = (metadata?["managedFields"]?.elements ?? []).contains {
            $0["manager"]?.stringValue == ManagedMark.manager && $0["operation"]?.stringValue == "Apply"
        }
    }

    /// Whether it is what an earlier apply of `wanted` left, so that the next may overwrite it. What was made for an
    /// earlier Gateway of the same name is.
    func isMade(as wanted: ManagedObject) -> Bool {
        guard gateway == nil || gateway == wanted.gateway else { return false }
        if let uid = wanted.ownerUID, isOwned(by: uid) { return true }
        return isApplied && gateway == wanted.gateway
    }

    /// Whether it was made for a Gateway, so that it goes with it.
    /// - Parameter namespace: the object's. In the Gateway's own it has the Gateway as its owner.
    func isMade(for gateway: ObjectKey, in namespace: String) -> Bool {
        guard self.gateway == gateway else { return false }
        return namespace == gateway.namespace ? owners.contains { $0.name == gateway.name } : isApplied
    }

    func isOwned(by uid: String) -> Bool { owners.contains { $0.uid == uid } }
    var hasOwner: Bool { !owners.isEmpty }
}

extension ManagedObject {
    /// Of the Gateway; nil in another namespace than the Gateway's.
    fileprivate var ownerUID: String? {
        content["metadata"]?["ownerReferences"]?.elements.first?["uid"]?.stringValue
    }
}
