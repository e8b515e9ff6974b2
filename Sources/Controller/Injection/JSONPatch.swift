package import GatewayAPI

/// A patch (RFC 6902) that turns one document into another.
package enum JSONPatch {
    /// The operations, as the array that the standard describes. Members are compared one by one; an array that differs
    /// is replaced as a whole, since order matters in those of a pod and moved elements would need more operations than
    /// elements.
    package static func difference(from old: Node, to new: Node) -> Node {
        var operations: [Node] = []
        compare(old, new, at: "", &operations)
        return .sequence(operations)
    }

    private static func compare(_ old: Node, _ new: Node, at path: String, _ operations: inout [Node]) {
        guard old.value != new.value else { return }
        guard case .mapping(let before) = old.value, case .mapping(let after) = new.value else {
            operations.append(operation("replace", path, new))
            return
        }
        let (earlierMembers, laterMembers) = (MemberIndex(before), MemberIndex(after))
        for member in before where laterMembers[member.key] == nil {
            operations.append(operation("remove", path + pointer(member.key), nil))
        }
        for member in after {
            let place = path + pointer(member.key)
            if let earlier = earlierMembers[member.key] {
                compare(earlier, member.value, at: place, &operations)
            } else {
                operations.append(operation("add", place, member.value))
            }
        }
    }

    /// The members of a mapping by their keys, however many they are.
    private struct MemberIndex {
        /// So many are found sooner one after the other.
        private static let few = 16

        private let members: [Node.Entry]
        private let positions: [String: Int]?

        init(_ members: [Node.Entry]) {
            self.members = members
            positions =
                members.count <= Self.few
                ? nil : Dictionary(members.indices.map { (members[$0].key, $0) }) { first, _ in first }
        }

        subscript(key: String) -> Node? {
            guard let positions else { return members.first { $0.key == key }?.value }
            return positions[key].map { members[$0].value }
        }
    }

    private static func operation(_ name: String, _ path: String, _ value: Node?) -> Node {
        var operation = Node.mapping(["op": .string(name), "path": .string(path)])
        operation.set("value", value)
        return operation
    }

    /// RFC 6901: `~` and `/` in a key are escaped.
    private static func pointer(_ key: String) -> String {
        var out = "/"
        for scalar in key.unicodeScalars {
            switch scalar {
            case "~": out += "~0"
            case "/": out += "~1"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
