package import GatewayAPI

/// Which Services lead to a pod, by the pod's port. Two equal values mean equal inbound ports as far as endpoints
/// decide.
package struct InboundMembership: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var service: ObjectKey
        /// Name of the slice port, which is the Service port's name.
        package var portName: String
        /// The pod's own port.
        package var podPort: UInt16

        static func precedes(_ a: Entry, _ b: Entry) -> Bool {
            (a.podPort, a.service, a.portName) < (b.podPort, b.service, b.portName)
        }
    }

    package var entries: Set<Entry> = []
    /// Every Service of which a slice lists the pod, be it with ports or without.
    package var services: Set<ObjectKey> = []

    /// Adds what one slice says of the pod: endpoints with one of its addresses, or whose targetRef names it. Services
    /// select pods of their own namespace, so what a slice of another namespace says of the pod is nothing to it.
    /// Readiness does not count: a pod is reached directly before it is ready.
    package mutating func add(_ slice: EndpointSlice, pod: ObjectKey, addresses: Set<IPAddress>) {
        guard let name = slice.serviceName, slice.metadata.key.namespace == pod.namespace else { return }
        let isHere = slice.endpoints.contains { addresses.contains($0.address) || $0.pod == pod }
        guard isHere else { return }
        let service = ObjectKey(namespace: slice.metadata.key.namespace, name: name)
        services.insert(service)
        for port in slice.ports where port.transport == "TCP" {
            guard let number = port.port else { continue }
            entries.insert(Entry(service: service, portName: port.name, podPort: number))
        }
    }
}

extension RoutePlanner {
    /// The part of the EndpointSlices that the pod's inbound ports depend on: unless it changes, an endpoint change
    /// needs no new plan.
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
