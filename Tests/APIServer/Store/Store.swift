import Foundation
import GatewayAPI

/// All objects of a server. Every change goes through `commit`.
struct Store {
    /// Of the last change; counts all kinds together.
    private(set) var resourceVersion: Int64 = 1000
    /// By the kind's resource.
    var collections: [String: ObjectTable] = [:]
    /// The kinds in the order of discovery.
    private(set) var order: [String] = []
    var watchers: [Int: Watcher] = [:]
    var addresses = AddressPool()

    init(kinds: [ServedKind]) {
        for kind in kinds { add(kind) }
    }

    var kinds: [ServedKind] { order.compactMap { collections[$0]?.kind } }

    mutating func add(_ kind: ServedKind) {
        collections[kind.resource] = ObjectTable(kind)
        order.append(kind.resource)
    }

    func object(_ kind: ServedKind, _ key: ObjectKey) -> StoredObject? { collections[kind.resource]?[key] }

    /// Writes a new state of an object; what means the same as the old one changes nothing.
    @discardableResult
    mutating func commit(_ kind: ServedKind, _ key: ObjectKey, _ node: Node, _ owners: FieldOwners) -> StoredObject {
        let old = object(kind, key)
        if let old, old.node.means(node) { return old }
        resourceVersion += 1
        var node = node
        node.update("metadata") { $0.set("resourceVersion", .string("\(resourceVersion)")) }
        let new = StoredObject(node, key: key, resourceVersion: resourceVersion, owners: owners)
        record(kind, ObjectTable.Event(resourceVersion: resourceVersion, old: old, new: new, isDeletion: false))
        return new
    }

    mutating func remove(_ kind: ServedKind, _ old: StoredObject) {
        resourceVersion += 1
        var node = old.node
        node.update("metadata") { $0.set("resourceVersion", .string("\(resourceVersion)")) }
        let last = StoredObject(node, key: old.key, resourceVersion: resourceVersion, owners: old.owners)
        record(kind, ObjectTable.Event(resourceVersion: resourceVersion, old: old, new: last, isDeletion: true))
    }

    /// Uses up versions, as changes of kinds that are not served here do on a real server.
    mutating func skipVersions(_ count: Int64) { resourceVersion += count }

    private mutating func record(_ kind: ServedKind, _ event: ObjectTable.Event) {
        collections[kind.resource]?.record(event)
        for watcher in watchers.values where watcher.resource == kind.resource { watcher.tell(event) }
    }
}
