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

    /// To which it belongs.
    var home: String {
        switch self {
        case .namespace(let name): name
        case .serviceAccount(let key): key.namespace
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
    /// Those who may go on as long as nobody can tell whether they should: of Gateways whose class is not there, or
    /// that cannot be read.
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
        let subjects = wanted.union(held.filter { present.contains(ProxySubject.identity($0.node)) })
        let nodes = Self.fitting(subjects).map(\.node)
            .sorted { ProxySubject.identity($0) < ProxySubject.identity($1) }
        guard Set(nodes.map(ProxySubject.identity)) != present else { return nil }
        return binding.mergePatch("subjects", .sequence(nodes))
    }

    /// Those that find room: first one of each namespace, then a second, and so on, so that no namespace's Gateways
    /// take the place of another's.
    static func fitting(_ subjects: Set<ProxySubject>, limit: Int = limit) -> some Collection<ProxySubject> {
        guard subjects.count > limit else { return Array(subjects)[...] }
        var places: [String: Int] = [:]
        let placed = subjects.map { (subject: $0, name: ProxySubject.identity($0.node)) }
            .sorted { $0.name < $1.name }
            .map { entry in
                places[entry.subject.home, default: 0] += 1
                return (place: places[entry.subject.home] ?? 0, entry: entry)
            }
            .sorted { ($0.place, $0.entry.name) < ($1.place, $1.entry.name) }
        return placed.map(\.entry.subject).prefix(limit)
    }
}
