package import GatewayAPI
internal import Kubernetes

/// An object of the cluster that its decoder refuses, with what its status needs.
package struct RefusedObject: Hashable, Sendable {
    package var generation: Int64
    /// The first thing that is wrong with it.
    package var reason: String
    /// Of a Gateway `gatewayClassName`, of a GatewayClass `controllerName`; nil when that cannot be read either.
    package var controller: String?
    /// Of an HTTPRoute, those that can be read; nil when there is no list of them.
    package var parents: [ParentReference]?

    private static let parentLimit = 32

    init(_ kind: ResourceKind, _ object: Node, _ problems: [Problem]) {
        generation = object["metadata"]?["generation"]?.integerValue ?? 0
        // What is ignored refuses nothing.
        let errors = problems.filter { $0.severity == .error }
        let problem = errors.first { !$0.message.hasSuffix("it is ignored") } ?? errors.first
        reason = problem.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" } ?? "cannot be read"
        let spec = object["spec"]
        switch kind {
        case .gateway: controller = spec?["gatewayClassName"]?.stringValue
        case .gatewayClass: controller = spec?["controllerName"]?.stringValue
        case .httpRoute:
            if let list = spec?["parentRefs"], case .sequence(let elements) = list.value {
                parents = elements.prefix(Self.parentLimit).compactMap(ParentReference.init(refused:))
            }
        default: break
        }
    }
}

extension ParentReference {
    /// nil without what it takes to be named in a status.
    fileprivate init?(refused node: Node) {
        guard let name = node["name"]?.stringValue, !name.isEmpty else { return nil }
        self.init(
            group: node["group"]?.stringValue ?? "gateway.networking.k8s.io",
            kind: node["kind"]?.stringValue ?? "Gateway",
            namespace: node["namespace"]?.stringValue, name: name, sectionName: node["sectionName"]?.stringValue,
            port: node["port"]?.integerValue.flatMap { UInt16(exactly: $0) })
    }
}
