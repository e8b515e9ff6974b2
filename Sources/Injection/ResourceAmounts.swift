package import GatewayAPI

/// A container's requests and limits, as Kubernetes quantities. What is nil is not written.
package struct ResourceAmounts: Hashable, Sendable {
    package var cpuRequest: String?
    package var cpuLimit: String?
    package var memoryRequest: String?
    package var memoryLimit: String?

    package init(
        cpuRequest: String? = nil, cpuLimit: String? = nil, memoryRequest: String? = nil, memoryLimit: String? = nil
    ) {
        self.cpuRequest = cpuRequest
        self.cpuLimit = cpuLimit
        self.memoryRequest = memoryRequest
        self.memoryLimit = memoryLimit
    }

    /// Reads a container's `resources`: CPU and memory, in strings or whole numbers.
    /// - Throws: the name of what cannot be used.
    package init(resources: Node) throws(ResourceAmountsError) {
        guard case .mapping(let lists) = resources.value else { throw ResourceAmountsError("must be a JSON object") }
        for list in lists where !["requests", "limits"].contains(list.key) {
            throw ResourceAmountsError("\(list.key): must be requests or limits")
        }
        self.init(
            cpuRequest: try Self.amount("requests", "cpu", resources),
            cpuLimit: try Self.amount("limits", "cpu", resources),
            memoryRequest: try Self.amount("requests", "memory", resources),
            memoryLimit: try Self.amount("limits", "memory", resources))
        for list in lists {
            for entry in list.value.members where !["cpu", "memory"].contains(entry.key) {
                throw ResourceAmountsError("\(list.key).\(entry.key): must be cpu or memory")
            }
        }
    }

    private static func amount(_ list: String, _ name: String, _ node: Node) throws(ResourceAmountsError) -> String? {
        guard let value = node[list]?[name] else { return nil }
        let text = value.stringValue ?? value.integerValue.map { String($0) } ?? ""
        guard Quantity.amount(text) != nil else {
            throw ResourceAmountsError("\(list).\(name): '\(text)' \(Quantity.rule)")
        }
        return text
    }

    /// A container's `resources`.
    var node: Node {
        var node = Node.mapping([:])
        node.set("requests", Self.amounts(cpuRequest, memoryRequest))
        node.set("limits", Self.amounts(cpuLimit, memoryLimit))
        return node
    }

    private static func amounts(_ cpu: String?, _ memory: String?) -> Node? {
        var node = Node.mapping([:])
        node.set("cpu", cpu.map { .string($0) })
        node.set("memory", memory.map { .string($0) })
        return node.members.isEmpty ? nil : node
    }
}

/// Why resources cannot be used.
package struct ResourceAmountsError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
