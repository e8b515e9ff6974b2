/// Of which Services the EndpointSlices have been read.
package struct EndpointCoverage: Hashable, Sendable {
    package var isEverything: Bool
    /// Namespaces that are read in whole.
    package var namespaces: Set<String>
    package var services: Set<ObjectKey>

    package init(isEverything: Bool = false, namespaces: Set<String> = [], services: Set<ObjectKey> = []) {
        self.isEverything = isEverything
        self.namespaces = namespaces
        self.services = services
    }

    package func covers(_ service: ObjectKey) -> Bool {
        isEverything || services.contains(service) || namespaces.contains(service.namespace)
    }
}
