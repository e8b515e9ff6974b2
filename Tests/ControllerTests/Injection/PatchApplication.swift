import Foundation
import GatewayAPI
import Testing

/// Applies JSON patches (RFC 6902: add, remove, replace), written apart from the code that makes them.
enum PatchApplication {
    static func apply(_ patch: Node, to document: Node) throws -> Node {
        try patch.elements.reduce(document) { result, operation in
            let path = try #require(operation["path"]?.stringValue)
            let keys = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
                $0.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
            }
            return try apply(try #require(operation["op"]?.stringValue), keys[...], operation["value"], to: result)
        }
    }

    private static func apply(_ name: String, _ keys: ArraySlice<String>, _ value: Node?, to node: Node) throws -> Node
    {
        guard let key = keys.first else { return try #require(value) }
        var node = node
        try #require(isMapping(node))
        if keys.count > 1 {
            let member = try #require(node[key])
            node.set(key, try apply(name, keys.dropFirst(), value, to: member))
            return node
        }
        switch name {
        case "add":
            #expect(value != nil)
            node.set(key, value)
        case "replace":
            #expect(node[key] != nil && value != nil)
            node.set(key, value)
        case "remove":
            try #require(node[key] != nil)
            node.set(key, nil)
        default: Issue.record("operation \(name)")
        }
        return node
    }

    private static func isMapping(_ node: Node) -> Bool {
        if case .mapping = node.value { true } else { false }
    }
}
