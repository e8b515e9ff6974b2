/// Of which Services the EndpointSlices have been read.
package struct EndpointCoverage: Hashable, Sendable {
    /// Those of the whole cluster, whatever is listed below.
    package var isEverything: Bool
    /// Namespaces that are read in whole.
    package var namespaces: Set<String>
    /// Services that are read one by one, whether they exist or not.
    package var services: Set<ObjectKey>

    package init(isEverything: Bool = false, namespaces: Set<String> = [], services: Set<ObjectKey> = []) {
        self.isEverything = isEverything
        self.namespaces = namespaces
        self.services = services
    }

    /// Whether the slices that are at hand of a Service are all that it has.
    package func covers(_ service: ObjectKey) -> Bool {
        isEverything || services.contains(service) || namespaces.contains(service.namespace)
    }
}
