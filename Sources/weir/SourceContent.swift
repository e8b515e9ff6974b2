import GatewayAPI
import Kubernetes

/// Whether, and in which namespaces, a source has anything at all: of kinds that no proxy reads as well.
struct SourceContent {
    let isEmpty: Bool
    private(set) var namespaces: Set<String> = []

    init(_ state: SourceState) {
        let resources = state.resources
        isEmpty = resources.isEmpty && state.others.isEmpty
        namespaces.formUnion(resources.namespaces.keys)
        insert(resources.gateways.keys)
        insert(resources.httpRoutes.keys)
        insert(resources.unservedRoutes.keys.map(\.key))
        insert(resources.services.keys)
        insert(resources.endpointSlices.keys)
        insert(resources.referenceGrants.keys)
        insert(resources.backends.keys)
        insert(resources.secrets.keys)
        insert(resources.unservedPolicies.keys.map(\.key))
        insert(resources.listenerSets.keys)
        for node in state.others { namespaces.insert(node["metadata"]?["namespace"]?.stringValue ?? "default") }
    }

    private mutating func insert(_ keys: some Sequence<ObjectKey>) {
        for key in keys { namespaces.insert(key.namespace) }
    }
}
