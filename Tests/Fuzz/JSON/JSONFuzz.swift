internal import GatewayAPI
internal import Kubernetes

/// Pure entry for fuzzing what an API server may say. Takes any bytes and returns the invariants that they broke: nothing, if
/// all is well.
package enum JSONFuzz {
    /// Small, so that a text that asks for too much is met often.
    static var limits: JSONLimits {
        var limits = JSONLimits()
        limits.bytes = 1 << 16
        limits.depth = 16
        limits.nodes = 1_000
        return limits
    }

    package static func read(_ bytes: [UInt8]) -> [String] {
        var items: [Node] = []
        let envelope = try? JSONReader.elements(of: "items", in: bytes, limits: limits) { items.append($0) }
        guard let node = try? JSONReader.node(bytes, limits: limits) else { return [] }
        var broken: [String] = []
        if (try? JSONReader.node(node.json)) != node { broken.append("writing and reading changes the text") }
        if case .mapping = node.value {
            // Written twice, the elements of both arrays come.
            if envelope == nil { broken.append("a list is refused that is read as a whole") }
            if let whole = node["items"], envelope?["items"] == nil,
                items.suffix(whole.elements.count) != whole.elements[...]
            {
                broken.append("the elements differ from those of the whole")
            }
        } else if envelope != nil {
            broken.append("what is no object is read as a list")
        }
        return broken
    }
}
