internal import GatewayAPI
internal import Kubernetes

/// What of an object is served: everything that a proxy reads, and nothing that only costs.
///
/// Left out are `status`, of the metadata what belongs to writers (managedFields, ownerReferences, finalizers and the
/// like), and annotations that no proxy reads, the copy of the whole object that `kubectl apply` leaves there among
/// them.
struct ServedForm {
    /// Annotations of these prefixes are read by proxies.
    static let annotationPrefixes = [
        "weir.dev/", "delegation.kgateway.dev/", "kgateway.dev/", "service.kubernetes.io/",
        "gateway.networking.k8s.io/",
    ]
    private static let metadataMembers = [
        "name", "namespace", "uid", "generation", "creationTimestamp", "deletionTimestamp", "labels",
    ]
    private static let placeholder = String(repeating: "0", count: ServedVersion.digits)

    private let kind: ServedKind
    /// What every object of the kind begins with, up to the digits of its version.
    private let versionOffset: Int

    init(_ kind: ServedKind) {
        self.kind = kind
        let start =
            "{\"kind\":\"\(kind.api.kind)\",\"apiVersion\":\"\(kind.apiVersion)\",\"metadata\":{\"resourceVersion\":\""
        versionOffset = start.utf8.count
    }

    /// The object's key; nil when it has no name. An object of a namespaced kind without a namespace is in `default`.
    func key(of object: Node) -> ObjectKey? {
        guard let metadata = object["metadata"], let name = metadata["name"]?.stringValue, !name.isEmpty else {
            return nil
        }
        guard kind.api.isNamespaced else { return ObjectKey(namespace: "", name: name) }
        let namespace = metadata["namespace"]?.stringValue ?? ""
        return ObjectKey(namespace: namespace.isEmpty ? "default" : namespace, name: name)
    }

    /// The object's JSON, with zeros for a version.
    func bytes(of object: Node, key: ObjectKey) -> [UInt8] {
        var form: Node = .mapping(["kind": .string(kind.api.kind), "apiVersion": .string(kind.apiVersion)])
        form.set("metadata", metadata(of: object, key: key))
        for member in object.members where !["kind", "apiVersion", "metadata", "status"].contains(member.key) {
            form.set(member.key, member.value)
        }
        return form.json
    }

    func object(_ object: Node, key: ObjectKey, bytes: [UInt8], version: UInt64) -> ServedObject {
        let labels = (object["metadata"]?["labels"]?.members ?? []).compactMap { member in
            member.value.stringValue.map { (name: member.key, value: $0) }
        }
        return ServedObject(key: key, labels: labels, bytes: bytes, versionOffset: versionOffset, version: version)
    }

    private func metadata(of object: Node, key: ObjectKey) -> Node {
        let source = object["metadata"] ?? .mapping([:])
        var metadata: Node = .mapping(["resourceVersion": .string(ServedForm.placeholder)])
        for name in ServedForm.metadataMembers { metadata.set(name, source[name]) }
        metadata.set("namespace", key.namespace.isEmpty ? nil : .string(key.namespace))
        let kept = (source["annotations"]?.members ?? []).filter { ServedForm.isRead($0.key) }
        if !kept.isEmpty { metadata.set("annotations", Node(.mapping(kept))) }
        return metadata
    }

    private static func isRead(_ annotation: String) -> Bool {
        annotationPrefixes.contains { annotation.hasPrefix($0) }
    }
}
