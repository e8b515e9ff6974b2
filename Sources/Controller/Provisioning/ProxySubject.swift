internal import GatewayAPI
internal import Injection

/// Somebody who may read what proxies read.
enum ProxySubject: Hashable, Sendable {
    /// All service accounts of a namespace whose pods are injected: a sidecar runs under the one of its pod.
    case namespace(String)
    /// A gateway's.
    case serviceAccount(ObjectKey)

    /// As a binding lists it.
    var node: Node {
        switch self {
        case .namespace(let name):
            .mapping([
                "apiGroup": "rbac.authorization.k8s.io", "kind": "Group",
                "name": .string("system:serviceaccounts:\(name)"),
            ])
        case .serviceAccount(let key):
            .mapping(["kind": "ServiceAccount", "name": .string(key.name), "namespace": .string(key.namespace)])
        }
    }

    /// By which a binding's subjects are compared, in whatever order their members are.
    static func identity(_ subject: Node) -> String {
        ["kind", "namespace", "name"].map { subject[$0]?.stringValue ?? "" }.joined(separator: "/")
    }
}

/// All who may, as the cluster's resources have it. Pure.
struct ProxySubjects: Hashable, Sendable {
    /// An object of the API server has 1.5 MB at most, and one of these up to 150 bytes.
    static let limit = 8000

    var wanted: Set<ProxySubject> = []
    /// Those who may go on as long as nobody can tell whether they should: of Gateways whose class is not there, or that cannot be read.
    var held: Set<ProxySubject> = []

    init() {}

    /// - Parameters:
    ///   - objects: every Gateway there is, as the API server gave it.
    ///   - names: of what is provisioned, by Gateway of our classes.
    init(
        _ resources: ResourceSet, objects: [ObjectKey: Node], names: [ObjectKey: String], settings: ProvisioningSettings
    ) {
        if settings.bindsInjectedNamespaces {
            for (name, namespace) in resources.namespaces
            where namespace.metadata.labels[InjectionAnnotation.inject.key] == "enabled"
                && !InjectionNames.protectedNamespaces.contains(name) && name != settings.systemNamespace
            {
                wanted.insert(.namespace(name))
            }
        }
        for (key, object) in objects {
            if let name = names[key] {
                wanted.insert(.serviceAccount(ObjectKey(namespace: key.namespace, name: name)))
            } else if let className = object["spec"]?["gatewayClassName"]?.stringValue,
                resources.gateways[key] == nil || resources.gatewayClasses[className] == nil
            {
                let name = GeneratedName.object(gateway: key.name, className: className)
                held.insert(.serviceAccount(ObjectKey(namespace: key.namespace, name: name)))
            }
        }
    }

    /// What makes a binding name just these; nil when it does.
    func patch(_ binding: Node) -> Node? {
        let present = Set((binding["subjects"]?.elements ?? []).map(ProxySubject.identity))
        let nodes = (wanted.map(\.node) + held.map(\.node).filter { present.contains(ProxySubject.identity($0)) })
            .sorted { ProxySubject.identity($0) < ProxySubject.identity($1) }.prefix(Self.limit)
        guard Set(nodes.map(ProxySubject.identity)) != present else { return nil }
        return binding.mergePatch("subjects", .sequence(Array(nodes)))
    }
}
