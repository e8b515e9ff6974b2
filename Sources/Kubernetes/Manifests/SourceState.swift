package import GatewayAPI

/// What a source of resources holds at one time.
package struct SourceState: Sendable {
    package var resources = ResourceSet()
    /// By file, then line.
    package var problems: [Problem] = []
    /// What the caller has no right to read; only of a cluster.
    package var unread: [UnreadResources] = []
    /// Where the objects stand; only of a folder.
    package var places = ManifestPlaces()

    /// Objects of kinds that no proxy reads, as pods and what makes them; only of a folder that was asked for them.
    package var others: [Node] = []

    package init() {}
}

/// What differs between two states of a source.
package struct SourceChange: Hashable, Sendable {
    /// Anything but EndpointSlices: routes have to be compiled again.
    package var routesChanged = false
    /// Services that differ themselves; they change routes too. Nothing when all there is is new.
    package var servicesChanged: Set<ObjectKey> = []
    /// Services whose EndpointSlices differ.
    package var endpointsChanged: Set<ObjectKey> = []
    package var problemsChanged = false

    package init() {}

    package var isEmpty: Bool { !routesChanged && endpointsChanged.isEmpty && !problemsChanged }

    /// - Parameters:
    ///   - old, new: the object before and after; nil when it was or is absent.
    ///   - listsServices: false while nobody has been told of anything.
    mutating func note(_ old: Resource?, _ new: Resource?, listsServices: Bool = true) {
        for resource in [old, new] {
            switch resource {
            case .endpointSlice(let slice):
                guard let service = slice.serviceName else { continue }
                endpointsChanged.insert(ObjectKey(namespace: slice.metadata.key.namespace, name: service))
            case .service(let service):
                if listsServices { servicesChanged.insert(service.metadata.key) }
                routesChanged = true
            case .some: routesChanged = true
            case nil: continue
            }
        }
    }
}
