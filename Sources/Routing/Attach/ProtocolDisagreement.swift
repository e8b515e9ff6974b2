package import GatewayAPI

/// A port of a Service that leads to a port of a pod.
struct PortDeclaration: Hashable {
    var service: ObjectKey
    /// In the Service's `spec.ports`.
    var position: Int
    var port: Service.Port

    static func precedes(_ a: PortDeclaration, _ b: PortDeclaration) -> Bool {
        (a.service, a.position) < (b.service, b.position)
    }

    /// As a message names it.
    fileprivate var name: String { port.name.isEmpty ? "\(port.port)" : "\(port.port) (\(port.name))" }
}

/// Service ports that lead to one port of a pod, one as HTTP and one as something else. The pod's inbound door cannot
/// go by either: it looks at the first bytes, unless routes of the first have to stay in force.
struct ProtocolDisagreement {
    private let podPort: UInt16
    private let http: PortDeclaration
    private let other: PortDeclaration

    /// nil when the declarations agree, or none is HTTP.
    /// - Parameter declarations: all that lead to the port, in an order that does not change: the first of each sort is
    ///   named.
    init?(_ declarations: [PortDeclaration], podPort: UInt16) {
        guard let http = declarations.first(where: { $0.port.plannedProtocol == .http }),
            let other = declarations.first(where: { $0.port.plannedProtocol != .http })
        else { return nil }
        self.podPort = podPort
        self.http = http
        self.other = other
    }

    var problem: Problem {
        let declared = other.port.plannedProtocol == .detect ? "declares no protocol" : "counts as another protocol"
        return Problem(
            severity: .warning, id: .protocolDisagreement, object: "Service \(other.service)",
            field: "spec.ports[\(other.position)]",
            value: other.name,
            message:
                "\(declared), and port \(http.name) of Service \(http.service), which leads to the same port \(podPort) of the "
                + "pods, counts as HTTP: their sidecars look at each connection's first bytes there, so that a client that waits "
                + "for the server to speak first is kept waiting (--detection-wait), or take all for HTTP, if routes "
                + "are attached to that one; give both the same appProtocol")
    }
}

extension RoutePlanner {
    /// Service ports that declare different protocols for one port of a pod, HTTP among them. The plan of a whole
    /// cluster knows nothing of pods, so whoever has read the EndpointSlices asks for it.
    package static func protocolDisagreements(_ resources: ResourceSet) -> [Problem] {
        var declarations: [PodPort: Set<PortDeclaration>] = [:]
        for slice in resources.endpointSlices.values {
            let leading = declared(slice, resources)
            guard !leading.isEmpty else { continue }
            let namespace = slice.metadata.key.namespace
            for endpoint in slice.endpoints {
                let places = [PodPort.Place.address(endpoint.address), endpoint.pod.map(PodPort.Place.pod)]
                for case let place? in places {
                    for (number, declaration) in leading {
                        let podPort = PodPort(namespace: namespace, place: place, port: number)
                        declarations[podPort, default: []].insert(declaration)
                    }
                }
            }
        }
        let problems = declarations.compactMap { podPort, declarations in
            // Nearly every port has one Service port.
            declarations.count < 2
                ? nil
                : ProtocolDisagreement(declarations.sorted(by: PortDeclaration.precedes), podPort: podPort.port)?
                    .problem
        }
        return Set(problems).sorted { ($0.object, $0.field, $0.message) < ($1.object, $1.field, $1.message) }
    }

    /// One port of one pod, by whatever the slices of different Services know it by.
    private struct PodPort: Hashable {
        enum Place: Hashable {
            case address(IPAddress)
            case pod(ObjectKey)
        }

        /// Only Services of the pod's own count.
        var namespace: String
        var place: Place
        var port: UInt16
    }

    /// The Service ports of a slice, with the pods' own port of each.
    private static func declared(_ slice: EndpointSlice, _ resources: ResourceSet) -> [(UInt16, PortDeclaration)] {
        guard let name = slice.serviceName else { return [] }
        let key = ObjectKey(namespace: slice.metadata.key.namespace, name: name)
        guard let service = resources.services[key] else { return [] }
        return slice.ports.filter { $0.transport == "TCP" }.flatMap { slicePort in
            service.declarations(ofPort: slicePort.name).compactMap { declaration in
                slicePort.port.map { ($0, declaration) }
            }
        }
    }
}

extension Service {
    /// Those of one name.
    func declarations(ofPort name: String) -> [PortDeclaration] {
        declarations.filter { $0.port.name == name }
    }

    /// The TCP ports; none of an alias of an outside name, whose endpoints are nobody's pods.
    var declarations: [PortDeclaration] {
        guard type != "ExternalName" else { return [] }
        return ports.enumerated().filter(\.element.isTCP).map {
            PortDeclaration(service: metadata.key, position: $0.offset, port: $0.element)
        }
    }
}
