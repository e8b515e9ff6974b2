/// Everything a source holds: what the routing core compiles. A plain value; copies share storage.
package struct ResourceSet: Sendable {
    package var gatewayClasses: [String: GatewayClass] = [:]
    package var gateways: [ObjectKey: Gateway] = [:]
    package var httpRoutes: [ObjectKey: HTTPRoute] = [:]
    /// Routes that cannot be served. None has a good form in `httpRoutes`.
    package var unservedRoutes: [ResourceID: UnservedRoute] = [:]
    package var services = ServiceTable()
    package var endpointSlices: [ObjectKey: EndpointSlice] = [:]
    package var namespaces: [String: Namespace] = [:]
    package var referenceGrants: [ObjectKey: ReferenceGrant] = [:]
    package var backends: [ObjectKey: Backend] = [:]
    package var secrets: [ObjectKey: Secret] = [:]
    package var unservedPolicies: [ResourceID: UnservedPolicy] = [:]
    package var listenerSets: [ObjectKey: ListenerSet] = [:]

    package init() {}

    package var isEmpty: Bool {
        gatewayClasses.isEmpty && gateways.isEmpty && httpRoutes.isEmpty && unservedRoutes.isEmpty && services.isEmpty
            && endpointSlices.isEmpty && namespaces.isEmpty && referenceGrants.isEmpty && backends.isEmpty
            && secrets.isEmpty && unservedPolicies.isEmpty && listenerSets.isEmpty
    }
}
