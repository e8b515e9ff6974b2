internal import GatewayAPI

extension GatewayAddress {
    /// As many as a Gateway's status may hold.
    private static let statusLimit = 16

    /// Where a Service can be reached: what its load balancer was given, or its cluster addresses for a Service that
    /// has no load balancer. A NodePort Service's node addresses are not among them: they come and go with nodes, and
    /// the port is another.
    static func all(of service: Node) -> [GatewayAddress] {
        let spec = service["spec"]
        guard spec?["type"]?.stringValue == "LoadBalancer" else {
            let listed = spec?["clusterIPs"]?.elements.compactMap(\.stringValue) ?? []
            let values = listed.isEmpty ? [spec?["clusterIP"]?.stringValue].compactMap { $0 } : listed
            return values.filter { IPAddress($0) != nil }.map { GatewayAddress(value: $0) }
        }
        let points = service["status"]?["loadBalancer"]?["ingress"]?.elements ?? []
        return points.prefix(statusLimit).compactMap { point in
            if let address = point["ip"]?.stringValue, !address.isEmpty { return GatewayAddress(value: address) }
            return point["hostname"]?.stringValue.map { GatewayAddress(type: hostname, value: $0) }
        }
    }
}
