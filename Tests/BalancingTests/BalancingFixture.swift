import Balancing
import GatewayAPI

/// Services and slices for the tests of balancing.
enum BalancingFixture {
    static let service = ObjectKey(namespace: "ns", name: "web")

    static func address(_ last: UInt32) -> IPAddress { IPAddress(ipv4: 0x0a00_0000 + last) }

    static func address6(_ last: UInt64) -> IPAddress { IPAddress(high: 0xfd00 << 48, low: last, isIPv6: true) }

    static func endpoint(
        _ address: IPAddress, ready: Bool = true, serving: Bool = true, terminating: Bool = false
    ) -> EndpointSlice.Endpoint {
        EndpointSlice.Endpoint(address: address, ready: ready, serving: serving, terminating: terminating)
    }

    static func slice(
        _ name: String, of service: ObjectKey = service, ports: [EndpointSlice.Port] = [.init(port: 8080)],
        _ endpoints: [EndpointSlice.Endpoint]
    ) -> EndpointSlice {
        EndpointSlice(
            metadata: ObjectMeta(key: ObjectKey(namespace: service.namespace, name: name)), serviceName: service.name,
            ports: ports, endpoints: endpoints)
    }

    static func resources(
        _ slices: [EndpointSlice], ports: [Service.Port] = [.init(port: 80)], type: String = "ClusterIP",
        notReady: Bool = false
    ) -> ResourceSet {
        var resources = ResourceSet()
        resources.services[service] = Service(
            metadata: ObjectMeta(key: service), type: type, ports: ports, publishNotReadyAddresses: notReady)
        for slice in slices { resources.endpointSlices[slice.metadata.key] = slice }
        return resources
    }

    static func table(
        _ resources: ResourceSet, keys: [EndpointKey] = [.service(service, port: 80)],
        registry: EndpointRegistry = EndpointRegistry(), addresses: (String) -> [IPAddress] = { _ in [] }
    ) -> EndpointTable {
        EndpointTable(backends: keys, resources: resources, registry: registry, addresses: addresses)
    }

    /// `address:port` of a backend's endpoints.
    static func texts(_ table: EndpointTable, _ backend: Int32 = 0) -> [String] {
        table.endpoints(backend).map { "\($0.address):\($0.port)" }
    }
}
