import Foundation
import GatewayAPI

extension Store {
    /// Deletes an object, now or, when it has finalizers, as soon as they are gone.
    ///
    /// - Parameter orphans: what it owns stays.
    mutating func delete(_ kind: ServedKind, _ object: StoredObject, orphans: Bool = false) {
        if !Self.finalizers(object).isEmpty {
            var node = object.node
            node.update("metadata") { metadata in
                if metadata["deletionTimestamp"] == nil {
                    metadata.set("deletionTimestamp", .string(Self.time(Date())))
                    metadata.set("deletionGracePeriodSeconds", 0)
                }
            }
            commit(kind, object.key, node, object.owners)
            return
        }
        remove(kind, object)
        collectGarbage(of: object, orphans: orphans)
        if kind.group.isEmpty, kind.plural == "namespaces" { empty(namespace: object.key.name) }
    }

    /// Deletes what the object alone owned; of what it owned with others, it is no owner any more.
    private mutating func collectGarbage(of owner: StoredObject, orphans: Bool) {
        for kind in kinds {
            for object in collections[kind.resource]?.sorted() ?? [] where object.ownerUIDs.contains(owner.uid) {
                if object.ownerUIDs.count == 1, !orphans {
                    delete(kind, object)
                } else {
                    var node = object.node
                    node.update("metadata") { metadata in
                        let others = (metadata["ownerReferences"]?.elements ?? []).filter {
                            $0.text("uid") != owner.uid
                        }
                        metadata.set("ownerReferences", others.isEmpty ? nil : .sequence(others))
                    }
                    commit(kind, object.key, node, object.owners)
                }
            }
        }
    }

    private mutating func empty(namespace: String) {
        for kind in kinds where kind.isNamespaced {
            for object in collections[kind.resource]?.sorted() ?? [] where object.key.namespace == namespace {
                // It may have gone with its owner meanwhile.
                if let current = self.object(kind, object.key) { delete(kind, current) }
            }
        }
    }

    /// All the owners that it names are gone, or were never there: a real server's garbage collector deletes such an
    /// object.
    func hasLostItsOwners(_ object: StoredObject) -> Bool {
        let references = object.node["metadata"]?["ownerReferences"]?.elements ?? []
        guard !references.isEmpty else { return false }
        return references.allSatisfy { reference in
            let group =
                (reference.text("apiVersion") ?? "").split(separator: "/").dropLast().first.map(String.init) ?? ""
            guard let kind = kinds.first(where: { $0.group == group && $0.kind == reference.text("kind") }) else {
                return false
            }
            let key = ObjectKey(
                namespace: kind.isNamespaced ? object.key.namespace : "", name: reference.text("name") ?? "")
            return self.object(kind, key)?.uid != reference.text("uid")
        }
    }
}
