internal import GatewayAPI

/// Which EndpointSlices are read: of the Services that are needed or used, or of all. Says with which watches, so that
/// there are never more of them than connections that one process should hold.
struct EndpointInterest {
    enum Watch: Hashable {
        case service(ObjectKey)
        case namespace(String)
        case cluster

        func covers(_ service: ObjectKey) -> Bool {
            switch self {
            case .service(let own): own == service
            case .namespace(let name): name == service.namespace
            case .cluster: true
            }
        }

        var scope: WatchScope {
            switch self {
            case .service(let key):
                WatchScope(namespace: key.namespace, labelSelector: "kubernetes.io/service-name=\(key.name)")
            case .namespace(let name): WatchScope(namespace: name)
            case .cluster: WatchScope()
            }
        }
    }

    /// What the plan needs as long as it stands.
    var needed: Set<ObjectKey> = []
    /// The Services of the own pod.
    var own: Set<ObjectKey> = []
    /// A namespace that is read in whole.
    var wholeNamespace: String?
    var isEverything = false
    /// When each Service was last used, in nanoseconds.
    private var used: [ObjectKey: UInt64] = [:]
    private var isWide = false

    /// Returns those that were not asked for before.
    mutating func use(_ services: Set<ObjectKey>, now: UInt64) -> Set<ObjectKey> {
        services.filter { used.updateValue(now, forKey: $0) == nil }
    }

    /// Forgets Services that have been idle for too long.
    mutating func expire(now: UInt64) {
        used = used.filter { now &- $0.value < ClusterLimits.serviceIdleTime }
    }

    /// The Services that are asked for by name.
    var services: Set<ObjectKey> { needed.union(own).union(used.keys) }

    /// The watches that there should be.
    mutating func watches() -> Set<Watch> {
        guard !isEverything else { return [.cluster] }
        var watches: Set<Watch> = []
        if let wholeNamespace { watches.insert(.namespace(wholeNamespace)) }
        let services = services.filter { $0.namespace != wholeNamespace }
        // Not at one count both ways: a Service that comes and goes would exchange every watch each time.
        isWide = services.count > (isWide ? ClusterLimits.sliceWatches / 2 : ClusterLimits.sliceWatches)
        guard isWide else { return watches.union(services.map { .service($0) }) }
        let namespaces = Set(services.map(\.namespace))
        guard namespaces.count <= ClusterLimits.sliceWatches else { return [.cluster] }
        return watches.union(namespaces.map { .namespace($0) })
    }
}
