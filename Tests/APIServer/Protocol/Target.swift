import GatewayAPI

/// What a path names: a kind in one version, of all namespaces or one, perhaps one object, perhaps its subresource.
struct Target {
    var kind: ServedKind
    var version: String
    var namespace: String?
    var name: String?
    var subresource = ""

    var key: ObjectKey { ObjectKey(namespace: namespace ?? "", name: name ?? "") }
    var apiVersion: String { kind.apiVersion(version) }

    /// nil when nothing is served at the path.
    init?(path: String, kinds: [ServedKind]) {
        var parts = path.split(separator: "/").map(String.init)[...]
        let group: String
        switch parts.popFirst() {
        case "api": group = ""
        case "apis":
            guard let name = parts.popFirst() else { return nil }
            group = name
        default: return nil
        }
        guard let version = parts.popFirst() else { return nil }
        var namespace: String?
        if parts.count >= 3, parts.first == "namespaces", !["status", "finalize"].contains(parts.dropFirst(2).first) {
            namespace = parts.dropFirst().first
            parts = parts.dropFirst(2)
        }
        guard let plural = parts.popFirst(),
            let kind = kinds.first(where: { kind in
                kind.plural == plural && kind.group == group && kind.versions.contains(version)
                    && (namespace == nil || kind.isNamespaced)
            })
        else { return nil }
        self.kind = kind
        self.version = version
        self.namespace = namespace
        name = parts.popFirst()
        if let subresource = parts.popFirst() { self.subresource = subresource }
        guard parts.isEmpty, name == nil || namespace != nil || !kind.isNamespaced else { return nil }
        guard subresource.isEmpty || subresource == "status" && kind.hasStatus else { return nil }
    }
}
