package import GatewayAPI

/// Which Services lead to a pod, by the pod's port. Two equal values mean equal inbound ports as far as endpoints decide.
package struct InboundMembership: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var service: ObjectKey
        /// Name of the slice port, which is the Service port's name.
        package var portName: String
        /// The pod's own port.
        package var podPort: UInt16
    }

    package var entries: Set<Entry> = []

    /// Adds what one slice says of the pod: endpoints with one of its addresses, or whose targetRef names it.
    /// Readiness does not count: a pod is reached directly before it is ready.
    package mutating func add(_ slice: EndpointSlice, pod: ObjectKey, addresses: Set<IPAddress>) {
        guard let name = slice.serviceName else { return }
        let isHere = slice.endpoints.contains { addresses.contains($0.address) || $0.pod == pod }
        guard isHere else { return }
        let service = ObjectKey(namespace: slice.metadata.key.namespace, name: name)
        for port in slice.ports {
            guard let number = port.port else { continue }
            entries.insert(Entry(service: service, portName: port.name, podPort: number))
        }
    }
}

extension RoutePlanner {
    /// The part of the EndpointSlices that the pod's inbound ports depend on: unless it changes, an endpoint change needs
    /// no new plan.
    package static func inboundMembership(
        resources: ResourceSet, pod: ObjectKey, addresses: [IPAddress]
    ) -> InboundMembership {
        let own = Set(addresses)
        var membership = InboundMembership()
        for slice in resources.endpointSlices.values {
            membership.add(slice, pod: pod, addresses: own)
        }
        return membership
    }
}
