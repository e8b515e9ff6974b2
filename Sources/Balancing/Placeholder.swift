package import GatewayAPI
package final class EndpointTable: Sendable {
    package var idCapacity: Int { 1 }
    package func contains(_ ip: IPAddress, port: UInt16) -> Bool { false }
    package func isService(_ b: Int32) -> Bool { true }
}
package struct EndpointStates: ~Copyable {
    package init() {}
    package mutating func reserve(ids: Int) {}
    package struct Picked { package var id: Int32; package var address: IPAddress; package var port: UInt16 }
    package mutating func pick(_ b: Int32, in t: EndpointTable, random: UInt64, now: UInt64, excluding: Int32) -> Picked? { Picked(id: 0, address: IPAddress(ipv4: 0x7f000001), port: 9000) }
    package mutating func connected(_ id: Int32) {}
    package mutating func failed(_ id: Int32, now: UInt64) -> Bool { false }
    package mutating func released(_ id: Int32) {}
}

package final class EndpointRegistry { package init() {} }
package enum EndpointKey: Hashable, Sendable { case service(ObjectKey, port: UInt16), backend(ObjectKey) }
extension EndpointTable {
  package convenience init(backends: [EndpointKey], resources: ResourceSet, registry: EndpointRegistry, addresses: (String) -> [IPAddress]) { self.init() }
  package func updating(services: Set<ObjectKey>, resources: ResourceSet, registry: EndpointRegistry, addresses: (String) -> [IPAddress]) -> EndpointTable { self }
}

extension EndpointTable { package func addresses(_ b: Int32) -> [(address: IPAddress, port: UInt16)] { [] } }
