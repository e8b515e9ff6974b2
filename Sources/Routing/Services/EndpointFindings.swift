package import GatewayAPI

/// What keeps the endpoints of backends from being called, as far as the resources tell: slices that no Service has a use for, and
/// backends without a ready endpoint.
struct EndpointFindings {
    private static let serviceNameLabel = "kubernetes.io/service-name"

    private(set) var problems: [Problem] = []
    private let resources: ResourceSet
    /// Whether the slices come from files: nobody else has made them, so all of them are meant for these Services.
    private let areFiles: Bool

    init(_ resources: ResourceSet, areFiles: Bool) {
        self.resources = resources
        self.areFiles = areFiles
        var slicesOf: [ObjectKey: [EndpointSlice]] = [:]
        for key in resources.endpointSlices.keys.sorted() {
            guard let slice = resources.endpointSlices[key] else { continue }
            if let service = slice.serviceName {
                slicesOf[ObjectKey(namespace: key.namespace, name: service), default: []].append(slice)
            }
            look(at: slice)
        }
        // A folder of objects for a cluster has no slices at all: the cluster makes them.
        guard !areFiles || !resources.endpointSlices.isEmpty else { return }
        for backend in Self.backends(resources) {
            look(at: backend.service, backend.port, slicesOf[backend.service] ?? [])
        }
    }

    /// The Service ports that rules forward to, in order. Whether they may is another matter.
    private static func backends(_ resources: ResourceSet) -> [(service: ObjectKey, port: UInt16)] {
        var ports: [ObjectKey: Set<UInt16>] = [:]
        for (key, route) in resources.httpRoutes {
            for reference in route.rules.flatMap(\.backendRefs) where reference.kind == "Service" {
                guard let port = reference.port else { continue }
                ports[ObjectKey(namespace: reference.namespace ?? key.namespace, name: reference.name), default: []]
                    .insert(port)
            }
        }
        return ports.sorted { $0.key < $1.key }.flatMap { service in service.value.sorted().map { (service.key, $0) } }
    }

    // MARK: Slices

    private mutating func look(at slice: EndpointSlice) {
        guard let name = slice.serviceName else {
            return report(
                slice, "metadata.labels", "",
                "has no label \(Self.serviceNameLabel): it belongs to no Service, and its endpoints are not used")
        }
        let key = ObjectKey(namespace: slice.metadata.key.namespace, name: name)
        guard let service = resources.services[key] else {
            return report(
                slice, "metadata.labels[\(Self.serviceNameLabel)]", name,
                "Service \(key) does not exist; the endpoints are not used", severity: .warning, dependsOn: .service)
        }
        for (position, port) in slice.ports.enumerated() {
            let field = "ports[\(position)]"
            if !service.ports.contains(where: { $0.name == port.name }) {
                let names = service.ports.map { $0.name.isEmpty ? "one without a name" : $0.name }
                report(
                    slice, "\(field).name", port.name,
                    "is the name of no port of Service \(key), which has \(names.joined(separator: ", ")); it is not used"
                )
            } else if port.port == nil {
                report(slice, "\(field).port", "", "is missing; without a number the port is not used")
            }
        }
    }

    private mutating func report(
        _ slice: EndpointSlice, _ field: String, _ value: String, _ message: String,
        severity: Problem.Severity = .error,
        dependsOn: ResourceKinds = []
    ) {
        problems.append(
            Problem(
                severity: areFiles ? severity : .warning, id: .sliceUnused,
                object: ResourceID(kind: .endpointSlice, key: slice.metadata.key).description, field: field,
                value: value, message: message, dependsOn: dependsOn))
    }

    // MARK: Backends

    private mutating func look(at key: ObjectKey, _ number: UInt16, _ slices: [EndpointSlice]) {
        guard let service = resources.services[key],
            let port = service.ports.first(where: { $0.port == number && $0.isTCP })
        else { return }
        guard let reason = Self.unreadiness(of: service, port, slices, areFiles: areFiles) else { return }
        problems.append(
            Problem(
                severity: .warning, id: .noEndpoints, object: "Service \(key)",
                field: "spec.ports[\(service.ports.firstIndex(of: port) ?? 0)]", value: "\(number)",
                message: "\(reason); requests to it are answered 503", dependsOn: .endpointSlice))
    }

    /// nil where there are ready endpoints, or where what is missing has been told of the slices, or is the cluster's to make.
    private static func unreadiness(
        of service: Service, _ port: Service.Port, _ slices: [EndpointSlice], areFiles: Bool
    ) -> String? {
        guard !slices.isEmpty else {
            return areFiles && !service.selector.isEmpty ? nil : "has no EndpointSlice"
        }
        let serving = slices.filter { slice in slice.ports.contains { $0.name == port.name && $0.port != nil } }
        guard !serving.isEmpty else { return nil }
        let endpoints = serving.flatMap(\.endpoints)
        if endpoints.isEmpty { return "its EndpointSlices list no endpoint" }
        let isReady =
            service.publishNotReadyAddresses || endpoints.contains { $0.ready || ($0.serving && $0.terminating) }
        return isReady ? nil : "\(endpoints.count) endpoints are listed, and none is ready"
    }
}

extension RoutePlanner {
    /// Slices that no Service has a use for, and backends without a ready endpoint. The plan knows nothing of endpoints, so whoever
    /// has read the EndpointSlices asks for it.
    package static func endpointProblems(_ resources: ResourceSet, areFiles: Bool) -> [Problem] {
        EndpointFindings(resources, areFiles: areFiles).problems
    }
}
