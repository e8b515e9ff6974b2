package import GatewayAPI

extension Node {
    /// The same value, whatever the order of members and the lines they stood on.
    package func means(_ other: Node) -> Bool {
        switch (value, other.value) {
        case (.mapping(let left), .mapping(let right)):
            guard left.count == right.count else { return false }
            // Mostly the order is the same, too.
            return zip(left, right).allSatisfy { mine, theirs in
                if mine.key == theirs.key { return mine.value.means(theirs.value) }
                return other[mine.key].map { mine.value.means($0) } ?? false
            }
        case (.sequence(let left), .sequence(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.means($1) }
        case (.integer(let left), .number(let right)): return Double(left) == right
        case (.number(let left), .integer(let right)): return left == Double(right)
        default: return value == other.value
        }
    }

    var isMapping: Bool {
        if case .mapping = value { return true }
        return false
    }

    var isNull: Bool { value == .null }

    /// The text at the end of a path of members.
    package func text(_ path: String...) -> String? {
        var node: Node? = self
        for key in path { node = node?[key] }
        return node?.stringValue
    }

    /// The members that are strings, as labels are.
    var textMembers: [String: String] {
        Dictionary(members.compactMap { entry in entry.value.stringValue.map { (entry.key, $0) } }) { $1 }
    }

    /// Everything but metadata and status: what a generation counts the changes of.
    var withoutMetadataAndStatus: Node {
        Node(.mapping(members.filter { !["apiVersion", "kind", "metadata", "status"].contains($0.key) }))
    }
}
