/// A parsed document before it means anything: what a YAML or JSON text says, with the line it says it on.
package struct Node: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case null
        case bool(Bool)
        case integer(Int64)
        case number(Double)
        case string(String)
        case sequence([Node])
        /// In source order; keys are unique.
        case mapping([Entry])
    }

    package struct Entry: Hashable, Sendable {
        package var key: String
        package var value: Node

        package init(key: String, value: Node) {
            self.key = key
            self.value = value
        }
    }

    package var value: Value
    /// 1-based line of the value's first character; 0 when it was made by code.
    package var line: Int

    package init(_ value: Value, line: Int = 0) {
        self.value = value
        self.line = line
    }

    /// The member of a mapping, nil when this is none or has no such key.
    package subscript(key: String) -> Node? {
        guard case .mapping(let entries) = value else { return nil }
        return entries.first { $0.key == key }?.value
    }
}
