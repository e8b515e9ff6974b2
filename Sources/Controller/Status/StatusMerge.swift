internal import GatewayAPI
internal import Routing

/// From what a plan says of an object and the status it has at the API server to the status members that have to be
/// written; nil when nothing has to be. Pure, and idempotent: merging into what was written gives nil.
enum StatusMerge {
    /// Condition types of ours, by what they are on.
    enum Owned {
        static let gatewayClass: Set = ["Accepted", "SupportedVersion"]
        static let gateway: Set = ["Accepted", "Programmed", "ResolvedRefs"]
        static let listener: Set = ["Accepted", "ResolvedRefs", "Programmed", "Conflicted", "OverlappingTLSConfig"]
        static let listenerSet: Set = ["Accepted", "Programmed"]
        static let routeParent: Set = ["Accepted", "ResolvedRefs", "PartiallyInvalid"]
    }

    /// - Parameters:
    ///   - wanted: the class's conditions.
    ///   - current: its status, an empty mapping when it has none.
    static func gatewayClass(_ wanted: [Condition], current: Node, now: String) -> Node? {
        let merge = ConditionMerge(owned: Owned.gatewayClass, now: now)
        let conditions = current["conditions"]?.elements ?? []
        return changes(
            [
                ("conditions", merge.merge(wanted, into: conditions)),
                ("supportedFeatures", SupportedFeatures.names.map { .mapping(["name": .string($0)]) }),
            ], to: current)
    }

    /// The members that differ from the current ones, as a mapping; nil when none does.
    static func changes(_ lists: [(key: String, elements: [Node])], to current: Node) -> Node? {
        var changed: [Node.Entry] = []
        for (key, elements) in lists {
            if let present = current[key], case .sequence(let nodes) = present.value, nodes == elements { continue }
            // An absent list and an empty one are the same to a reader.
            if elements.isEmpty, current[key] == nil { continue }
            changed.append(Node.Entry(key: key, value: .sequence(elements)))
        }
        return changed.isEmpty ? nil : Node(.mapping(changed))
    }
}
