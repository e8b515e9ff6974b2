import Foundation
package import GatewayAPI
import Kubernetes

/// The store from the test's side: what somebody with all rights does, without the detour over the network.
extension APIServer {
    /// Creates or replaces an object as a whole, its status included, and its namespace if there is none. Returns it as
    /// stored.
    @discardableResult
    package func put(_ node: Node) throws -> Node { try state.change { try $0.store.put(node) } }

    /// `put` of every document of a YAML text.
    package func put(yaml text: String) throws {
        for document in try YAMLReader.documents(Array(text.utf8)) {
            if document.root.text("kind") == "List" {
                for item in document.root["items"]?.elements ?? [] { try put(item) }
            } else {
                try put(document.root)
            }
        }
    }

    /// Changes an object, if there is one; nobody else writes it meanwhile.
    package func change(_ resource: String, _ key: ObjectKey, _ body: (inout Node) -> Void) throws {
        try state.change { state in
            guard var node = state.store.kind(resource).flatMap({ state.store.object($0, key)?.node }) else {
                throw APIStatus.badRequest("no \(resource) \(key) here")
            }
            body(&node)
            try state.store.put(node)
        }
    }

    /// Deletes an object and what it owns; finalizers still hold it. True when it was there.
    ///
    /// - Parameter resource: `services`, `httproutes.gateway.networking.k8s.io`; for a plural that only one group has,
    ///   that.
    @discardableResult
    package func delete(_ resource: String, _ key: ObjectKey) -> Bool {
        state.change { state in
            guard let kind = state.store.kind(resource), let object = state.store.object(kind, key) else {
                return false
            }
            state.store.delete(kind, object)
            return true
        }
    }

    /// An object as stored, in the kind's preferred version.
    package func get(_ resource: String, _ key: ObjectKey) -> Node? {
        state.read { state in state.store.kind(resource).flatMap { state.store.object($0, key)?.node } }
    }

    /// All objects of a kind, by namespace and name.
    package func list(_ resource: String) -> [Node] {
        state.read { state in
            guard let kind = state.store.kind(resource) else { return [] }
            return (state.store.collections[kind.resource]?.sorted() ?? []).map(\.node)
        }
    }

    /// Of the last change.
    package var resourceVersion: Int64 { state.read { $0.store.resourceVersion } }
}

extension Store {
    /// By `plural.group`, or by the plural alone.
    func kind(_ resource: String) -> ServedKind? {
        collections[resource]?.kind ?? kinds.first { $0.plural == resource }
    }

    @discardableResult
    fileprivate mutating func put(_ node: Node) throws(APIStatus) -> Node {
        let apiVersion = node.text("apiVersion") ?? ""
        let kindName = node.text("kind") ?? ""
        guard
            let kind = kinds.first(where: { $0.kind == kindName && $0.apiVersion("") == Self.group(of: apiVersion) })
        else { throw .badRequest("no kind \(apiVersion) \(kindName) here") }
        let namespace = kind.isNamespaced ? node.text("metadata", "namespace") ?? "default" : ""
        let key = ObjectKey(namespace: namespace, name: node.text("metadata", "name") ?? "")
        let write = Write(kind: kind, version: kind.versions.first ?? "v1", key: key, manager: "test")
        ensureNamespace(namespace)
        let old = object(kind, key)
        return finish(write, node, old: old, old?.owners ?? FieldOwners()).node
    }

    /// `group/`, or nothing for the core group.
    private static func group(of apiVersion: String) -> String {
        apiVersion.split(separator: "/").count == 2 ? "\(apiVersion.split(separator: "/")[0])/" : ""
    }

    private mutating func ensureNamespace(_ name: String) {
        let key = ObjectKey(namespace: "", name: name)
        guard !name.isEmpty, let kind = collections["namespaces"]?.kind, object(kind, key) == nil else { return }
        let write = Write(kind: kind, version: "v1", key: key, manager: "test")
        _ = finish(write, .mapping([:]), old: nil, FieldOwners())
    }
}
