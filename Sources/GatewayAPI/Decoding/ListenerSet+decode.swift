extension ListenerSet {
    /// The Gateway that a set names, be the rest of it right or wrong.
    init(legible document: Node, key: ObjectKey) {
        self.init(
            key: key, generation: ObjectMeta(legible: document, key: key).generation,
            gateway: document["spec"]?["parentRef"].flatMap { Self.gateway($0, in: key.namespace) })
    }

    private static func gateway(_ node: Node, in namespace: String) -> ObjectKey? {
        let reference = ParentReference(legible: node)
        guard reference.group == "gateway.networking.k8s.io", reference.kind == "Gateway", !reference.name.isEmpty
        else {
            return nil
        }
        return ObjectKey(namespace: reference.namespace ?? namespace, name: reference.name)
    }
}
