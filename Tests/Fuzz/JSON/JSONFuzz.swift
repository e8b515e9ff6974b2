internal import GatewayAPI

@testable internal import Kubernetes

/// Pure entry for fuzzing what an API server may say. Takes any bytes and returns the invariants that they broke:
/// nothing, if all is well.
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
        let node = try? JSONReader.node(bytes, limits: limits)
        var broken: [String] = []
        if let node, (try? JSONReader.node(node.json)) != node { broken.append("writing and reading changes the text") }
        let list = List(bytes)
        if list != List(bytes, cutAt: bytes.count / 2) { broken.append("the elements depend on how the text is cut") }
        // A key written with escapes keeps its array in the rest, and one that is there twice gives the elements of
        // both.
        guard let node, !list.isUnusual else {
            if node == nil, list.isRead { broken.append("a list is read that is refused as a whole") }
            return broken
        }
        if !list.isRead { broken.append("a list is refused that is read as a whole") }
        if case .mapping = node.value, list.elements.compactMap(\.self) != node["items"]?.elements ?? [] {
            broken.append("the elements differ from those of the whole")
        }
        return broken
    }

    /// A text as a list that comes in pieces.
    private struct List: Equatable {
        /// nil: not JSON.
        var elements: [Node?] = []
        var rest: Node?

        init(_ bytes: [UInt8], cutAt cut: Int = 0) {
            var splitter = JSONElementSplitter(
                elementsOf: "items", limits: .init(element: bytes.count, rest: bytes.count))
            for part in [bytes[..<cut], bytes[cut...]] {
                try? splitter.feed(part) { elements.append(try? JSONReader.node($0, limits: limits)) }
            }
            rest = try? JSONReader.node(splitter.rest, limits: limits)
        }

        var isRead: Bool { rest != nil && elements.allSatisfy { $0 != nil } }

        var isUnusual: Bool {
            guard case .mapping? = rest?.value else { return false }
            guard case .sequence(let left)? = rest?["items"]?.value else { return !elements.isEmpty }
            return !left.isEmpty
        }
    }
}
