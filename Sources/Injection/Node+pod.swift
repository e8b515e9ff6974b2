internal import GatewayAPI

extension Node {
    /// The member behind a path of keys.
    func at(_ keys: String...) -> Node? {
        keys.reduce(Optional(self)) { $0?[$1] }
    }

    /// `metadata.labels` or `metadata.annotations`; what is no text is left out.
    func metadataTexts(_ name: String) -> [(key: String, value: String)] {
        (at("metadata", name)?.members ?? []).compactMap { entry in
            entry.value.stringValue.map { (entry.key, $0) }
        }
    }

    func label(_ key: String) -> String? { at("metadata", "labels", key)?.stringValue }
    func annotation(_ key: String) -> String? { at("metadata", "annotations", key)?.stringValue }

    /// The name of a container, a volume, an environment variable.
    var name: String? { self["name"]?.stringValue }

    /// Changes the elements of a member list. An absent list stays absent, and an emptied one keeps its place.
    mutating func updateElements(_ key: String, _ change: ([Node]) -> [Node]) {
        let old = self[key]?.elements ?? []
        let new = change(old)
        guard new != old else { return }
        set(key, .sequence(new))
    }

    /// Puts members in the place of one, so that what follows keeps its order.
    mutating func replaceMember(_ key: String, with replacement: Entry) {
        value = .mapping(members.map { $0.key == key ? replacement : $0 })
    }
}
