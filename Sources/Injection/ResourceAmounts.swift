internal import GatewayAPI

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
