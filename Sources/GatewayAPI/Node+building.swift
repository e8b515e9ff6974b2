extension Node: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral
{
    package init(stringLiteral value: String) { self.init(.string(value)) }
    package init(integerLiteral value: Int64) { self.init(.integer(value)) }
    package init(booleanLiteral value: Bool) { self.init(.bool(value)) }
    package init(arrayLiteral elements: Node...) { self.init(.sequence(elements)) }
    package static func string(_ text: String) -> Node { Node(.string(text)) }
    package static func integer(_ number: Int64) -> Node { Node(.integer(number)) }
    package static func sequence(_ elements: [Node]) -> Node { Node(.sequence(elements)) }

    /// `.mapping(["kind": "Service", "spec": .mapping([...])])`, in the order given.
    package static func mapping(_ members: KeyValuePairs<String, Node>) -> Node {
        Node(.mapping(members.map { Entry(key: $0.key, value: $0.value) }))
    }

    /// A mapping in the order of its keys, so that equal contents give equal text.
    package static func strings(_ members: [String: String]) -> Node {
        Node(.mapping(members.sorted { $0.key < $1.key }.map { Entry(key: $0.key, value: .string($0.value)) }))
    }

    /// The text of a string; nil for anything else.
    package var stringValue: String? {
        guard case .string(let text) = value else { return nil }
        return text
    }

    package var integerValue: Int64? {
        guard case .integer(let number) = value else { return nil }
        return number
    }

    package var boolValue: Bool? {
        guard case .bool(let flag) = value else { return nil }
        return flag
    }

    /// The elements of a sequence; empty for anything else.
    package var elements: [Node] {
        guard case .sequence(let nodes) = value else { return [] }
        return nodes
    }

    /// The members of a mapping; empty for anything else.
    package var members: [Entry] {
        guard case .mapping(let entries) = value else { return [] }
        return entries
    }

    /// Puts, replaces or (nil) takes away a member. Anything that is no mapping becomes one.
    package mutating func set(_ key: String, _ member: Node?) {
        var entries = members
        let position = entries.firstIndex { $0.key == key }
        switch (position, member) {
        case (let position?, let member?): entries[position].value = member
        case (nil, let member?): entries.append(Entry(key: key, value: member))
        case (let position?, nil): entries.remove(at: position)
        case (nil, nil): return
        }
        value = .mapping(entries)
    }

    /// Changes a member in place; an absent one begins as an empty mapping.
    package mutating func update(_ key: String, _ change: (inout Node) -> Void) {
        var member = self[key] ?? .mapping([:])
        change(&member)
        set(key, member)
    }
}
