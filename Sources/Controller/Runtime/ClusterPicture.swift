package import GatewayAPI
package import Kubernetes
internal import Routing

/// What the watches have told of the cluster, as routing reads it. An object that cannot be read any more keeps its
/// last good form, as it does in the proxies.
package struct ClusterPicture: Sendable {
    package private(set) var resources = ResourceSet()
    /// Every Gateway as it was given, also those that cannot be read.
    package private(set) var gatewayObjects: [ObjectKey: Node] = [:]
    /// Those that cannot be read as they are now.
    package private(set) var refused: [ResourceID: RefusedObject] = [:]
    private var problems: [ResourceID: [Problem]] = [:]
    private var synced: Set<ResourceKind> = []

    /// EndpointSlices have no part in statuses, and Secrets are looked for by name.
    package static let kinds = ResourceKind.allCases.filter { $0 != .endpointSlice && $0 != .secret }

    package init() {}

    /// Every kind has been listed, or is not served.
    package var isSynced: Bool { synced.count == Self.kinds.count }
    /// What is wrong with the objects themselves.
    package var allProblems: [Problem] { problems.values.flatMap(\.self) }
    package var problemCount: Int { problems.values.reduce(0) { $0 + $1.count } }

    /// The GatewayClasses of this controller, and whether there is a Gateway of each, be it one that cannot be read.
    var ownClasses: [String: Bool] {
        let used = Set(gatewayObjects.values.compactMap { $0["spec"]?["gatewayClassName"]?.stringValue })
        return resources.gatewayClasses.filter { $0.value.controllerName == RoutePlanner.gatewayController }
            .reduce(into: [:]) { $0[$1.key] = used.contains($1.key) }
    }

    /// Takes in what a watch tells. True when something that routing reads may have changed.
    package mutating func observe(_ kind: ResourceKind, _ event: WatchEvent) -> Bool {
        switch event {
        case .changed(let object):
            return take(kind, object)
        case .removed(let key):
            let id = ResourceID(kind: kind, key: key)
            remove(id)
            return true
        case .synced:
            return synced.insert(kind).inserted
        case .absent:
            removeAll(kind)
            synced.insert(kind)
            return true
        case .interrupted:
            return false
        }
    }

    /// Takes in a Secret that is wanted; nil takes it out.
    package mutating func setSecret(_ key: ObjectKey, _ object: Node?) {
        let id = ResourceID(kind: .secret, key: key)
        guard let object else {
            remove(id)
            return
        }
        _ = take(.secret, object)
    }

    private mutating func take(_ kind: ResourceKind, _ object: Node) -> Bool {
        var found: [Problem] = []
        let outcome = ResourceDecoder.decode(object, file: "", problems: &found)
        switch outcome {
        case .resource(let id, var resource):
            if let problem = SecretInspection.inspect(&resource) { found.append(problem) }
            problems[id] = found.isEmpty ? nil : found
            refused[id] = nil
            resources.insert(resource)
            if kind == .gateway { gatewayObjects[id.key] = object }
            return true
        case .refused(let id?, let remains):
            problems[id] = found
            if let remains, resources.httpRoutes[id.key] == nil { resources.insert(.unservedRoute(remains)) }
            if kind == .gateway { gatewayObjects[id.key] = object }
            guard StatusWriter.kinds.contains(kind) else { return false }
            refused[id] = RefusedObject(kind, object, found)
            return true
        case .refused(nil, _), .passedOver:
            return false
        }
    }

    private mutating func remove(_ id: ResourceID) {
        problems[id] = nil
        refused[id] = nil
        resources.remove(id)
        if id.kind == .gateway { gatewayObjects[id.key] = nil }
    }

    private mutating func removeAll(_ kind: ResourceKind) {
        var ids = Set(problems.keys.filter { $0.kind == kind })
        let keys: [ObjectKey] =
            switch kind {
            case .gatewayClass: resources.gatewayClasses.keys.map { ObjectKey(namespace: "", name: $0) }
            case .gateway: Array(gatewayObjects.keys)
            case .httpRoute:
                Array(resources.httpRoutes.keys) + resources.unservedRoutes.keys.filter { $0.kind == kind }.map(\.key)
            case .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute:
                resources.unservedRoutes.keys.filter { $0.kind == kind }.map(\.key)
            case .service: Array(resources.services.keys)
            case .endpointSlice: Array(resources.endpointSlices.keys)
            case .namespace: resources.namespaces.keys.map { ObjectKey(namespace: "", name: $0) }
            case .referenceGrant: Array(resources.referenceGrants.keys)
            case .backend: Array(resources.backends.keys)
            case .secret: Array(resources.secrets.keys)
            case .backendTLSPolicy, .backendTrafficPolicy:
                resources.unservedPolicies.keys.filter { $0.kind == kind }.map(\.key)
            case .listenerSet: Array(resources.listenerSets.keys)
            }
        ids.formUnion(keys.map { ResourceID(kind: kind, key: $0) })
        for id in ids { remove(id) }
    }
}
