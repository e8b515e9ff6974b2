internal import GatewayAPI

/// The part of an object that another object speaks of: what server-side apply would compare.
enum FieldProjection {
    /// What `live` says in the fields that `wanted` has. List elements are found by what identifies them, so that
    /// elements of others between ours make no difference.
    static func of(_ live: Node?, onto wanted: Node) -> Node {
        guard let live else { return Node(.null) }
        switch (wanted.value, live.value) {
        case (.mapping(let entries), .mapping):
            return Node(.mapping(entries.map { Node.Entry(key: $0.key, value: of(live[$0.key], onto: $0.value)) }))
        case (.sequence(let elements), .sequence(let others)):
            guard let identity = identity(of: elements) else { return live.withoutLines }
            return .sequence(
                elements.map { element in
                    of(others.first { matches($0, element, identity) }, onto: element)
                })
        default:
            return live.withoutLines
        }
    }

    /// Fields by which the API server merges lists of mappings, most particular first.
    private static let identities = [
        ["uid"], ["containerPort", "protocol"], ["port", "protocol"], ["topologyKey", "whenUnsatisfiable"],
        ["kind", "name"], ["name"],
    ]

    private static func identity(of elements: [Node]) -> [String]? {
        guard !elements.isEmpty else { return nil }
        return identities.first { identity in
            elements.allSatisfy { element in identity.allSatisfy { element[$0] != nil } }
        }
    }

    private static func matches(_ a: Node, _ b: Node, _ identity: [String]) -> Bool {
        identity.allSatisfy { a[$0]?.value == b[$0]?.value }
    }
}
