internal import GatewayAPI

/// Which endpoints of a Service port take requests (discovery/v1 EndpointSlice; the choice follows kube-proxy).
///
/// - One number may stand for a UDP port as well: the TCP one is meant.
/// - Slices are joined by the port's name; a slice port without number is not usable.
/// - An endpoint that several slices list counts once, and is ready when one of them says so.
/// - Ready endpoints are used; when there are none at all, of neither family, those that serve while they terminate;
///   else none.
/// - A dual-stack Service lists its pods once per family. One family is used, so that no pod gets a double share: IPv4
///   unless IPv6 alone has what the rule before asks for.
enum EndpointSelection {
    struct Location: Hashable {
        var address: IPAddress
        var port: UInt16
    }

    /// In the order of the slices given.
    static func locations(of service: Service, port number: UInt16, slices: [EndpointSlice]) -> [Location] {
        guard service.type != "ExternalName",
            let port = service.ports.first(where: { $0.port == number && $0.transport == "TCP" })
        else {
            return []
        }
        var candidates = Candidates()
        for slice in slices {
            for slicePort in slice.ports where slicePort.name == port.name && slicePort.transport == "TCP" {
                guard let target = slicePort.port, target > 0 else { continue }
                for endpoint in slice.endpoints where !endpoint.address.isUnspecified {
                    let isReady = endpoint.ready || service.publishNotReadyAddresses
                    candidates.add(
                        Location(address: endpoint.address, port: target), isReady: isReady,
                        isDraining: endpoint.serving && endpoint.terminating)
                }
            }
        }
        return candidates.chosen
    }

    private struct Candidates {
        private struct Condition {
            var isReady: Bool
            var isDraining: Bool
        }

        private var order: [Location] = []
        private var conditions: [Location: Condition] = [:]

        mutating func add(_ location: Location, isReady: Bool, isDraining: Bool) {
            guard let known = conditions[location] else {
                order.append(location)
                conditions[location] = Condition(isReady: isReady, isDraining: isDraining)
                return
            }
            conditions[location] = Condition(
                isReady: known.isReady || isReady, isDraining: known.isDraining || isDraining)
        }

        var chosen: [Location] {
            let ready = ofOneFamily { $0.isReady }
            return ready.isEmpty ? ofOneFamily { $0.isDraining } : ready
        }

        private func ofOneFamily(_ isUsable: (Condition) -> Bool) -> [Location] {
            let usable = order.filter { conditions[$0].map(isUsable) ?? false }
            let ipv4 = usable.filter { !$0.address.isIPv6 }
            return ipv4.isEmpty ? usable : ipv4
        }
    }
}
