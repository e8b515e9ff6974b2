package import GatewayAPI

/// Findings about endpoints that will not be called, or not guarded, as far as the resources tell: slices that no
/// Service has a use for, endpoints that are another namespace's pods, and backends without a ready endpoint.
struct EndpointFindings {
    private static let serviceNameLabel = "kubernetes.io/service-name"

    private(set) var problems: [Problem] = []
    private let resources: ResourceSet
    /// Whether the slices come from files: nobody else has made them, so all of them are meant for these Services.
    private let areFiles: Bool
    /// The pods of addresses, as slices of their own namespaces say.
    private let pods: [IPAddress: ObjectKey]
    /// Slices that join no Service, by the one that they may have been meant for.
    private var strays: [ObjectKey: ObjectKey] = [:]

    init(_ resources: ResourceSet, areFiles: Bool) {
        self.resources = resources
        self.areFiles = areFiles
        pods = Self.pods(resources)
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

    private static func pods(_ resources: ResourceSet) -> [IPAddress: ObjectKey] {
        var pods: [IPAddress: ObjectKey] = [:]
        for slice in resources.endpointSlices.values {
            for endpoint in slice.endpoints {
                guard let pod = endpoint.pod, pod.namespace == slice.metadata.key.namespace else { continue }
                pods[endpoint.address] = pod
            }
        }
        return pods
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
        let namespace = slice.metadata.key.namespace
        guard let name = slice.serviceName else { return reportUnlabelled(slice) }
        let key = ObjectKey(namespace: namespace, name: name)
        guard let service = resources.services[key] else {
            let here = resources.services.keys.filter { $0.namespace == namespace }.map(\.name)
            if let meant = Spelling.nearest(to: name, among: here) {
                strays[ObjectKey(namespace: namespace, name: meant)] = slice.metadata.key
            } else if let meant = resources.services.keys.first(where: { $0.name == name }) {
                strays[meant] = slice.metadata.key
            }
            return report(
                slice, "metadata.labels[\(Self.serviceNameLabel)]", name,
                "Service \(key) does not exist; the slice joins none, and its endpoints are not used",
                dependsOn: .service, follows: [ProblemCause(.service, key)])
        }
        for (position, port) in slice.ports.enumerated() { look(at: port, position, of: slice, service) }
        lookForForeignPods(in: slice, key)
    }

    private mutating func reportUnlabelled(_ slice: EndpointSlice) {
        let (namespace, name) = (slice.metadata.key.namespace, slice.metadata.key.name)
        let meant = resources.services.keys.filter { $0.namespace == namespace && name.hasPrefix($0.name) }
            .max { $0.name.utf8.count < $1.name.utf8.count }
        if let meant { strays[meant] = slice.metadata.key }
        let near = Spelling.nearest(to: Self.serviceNameLabel, among: slice.metadata.labels.keys.sorted())
        report(
            slice, "metadata.labels", near ?? "",
            "has no label \(Self.serviceNameLabel)\(near.map { " (\($0) is none that is read)" } ?? ""): "
                + "it belongs to no Service, and its endpoints are not used")
    }

    private mutating func look(
        at port: EndpointSlice.Port, _ position: Int, of slice: EndpointSlice, _ service: Service
    ) {
        let key = service.metadata.key
        let field = "ports[\(position)]"
        let namesakes = service.ports.filter { $0.name == port.name }
        if namesakes.isEmpty {
            let names = service.ports.map { $0.name.isEmpty ? "one without a name" : $0.name }
            let has = names.isEmpty ? "none that can be used" : names.joined(separator: ", ")
            report(
                slice, "\(field).name", port.name,
                "is the name of no port of Service \(key), which has \(has); it is not used",
                follows: .missingPort(of: key))
        } else if port.port == nil {
            report(slice, "\(field).port", "", "is missing; without a number the port is not used")
        } else if !namesakes.contains(where: { $0.transport == port.transport }) {
            report(
                slice, "\(field).protocol", port.transport,
                "is not that of the port of this name of Service \(key), \(namesakes[0].transport); it is not used")
        }
    }

    /// Reports pods of other namespaces: pods take notice of Services of their own only, and a cluster's Services lead
    /// to no others.
    private mutating func lookForForeignPods(in slice: EndpointSlice, _ service: ObjectKey) {
        for (position, endpoint) in slice.endpoints.enumerated() {
            guard let pod = endpoint.pod ?? pods[endpoint.address], pod.namespace != service.namespace else { continue }
            report(
                slice, "endpoints[\(position)]", "\(endpoint.address)",
                "is pod \(pod), of another namespace: it does not join Service \(service); requests to the Service go "
                    + "there, and the pod does not apply the Service's routes",
                id: .foreignPod)
            // One is enough to look at the slice.
            return
        }
    }

    private mutating func report(
        _ slice: EndpointSlice, _ field: String, _ value: String, _ message: String, id: ProblemID = .sliceUnused,
        dependsOn: ResourceKinds = [], follows: [ProblemCause] = []
    ) {
        problems.append(
            Problem(
                severity: areFiles ? .error : .warning, id: id,
                object: ResourceID(kind: .endpointSlice, key: slice.metadata.key).description, field: field,
                value: value, message: message, dependsOn: dependsOn, follows: follows))
    }

    // MARK: Backends

    private mutating func look(at key: ObjectKey, _ number: UInt16, _ slices: [EndpointSlice]) {
        guard let service = resources.services[key],
            let port = service.ports.first(where: { $0.port == number && $0.isTCP })
        else { return }
        guard let reason = Self.unreadiness(of: service, port, slices, areFiles: areFiles) else { return }
        let suspects = slices.map(\.metadata.key) + (strays[key].map { [$0] } ?? [])
        problems.append(
            Problem(
                severity: .warning, id: .noEndpoints, object: "Service \(key)",
                field: "spec.ports[\(service.ports.firstIndex(of: port) ?? 0)]", value: "\(number)",
                message: "\(reason); requests to it are answered 503", dependsOn: .endpointSlice,
                follows: suspects.map { ProblemCause(.endpointSlice, $0) }))
    }

    /// nil where there are ready endpoints, or where what is missing has been told of the slices, or is the cluster's
    /// to make.
    private static func unreadiness(
        of service: Service, _ port: Service.Port, _ slices: [EndpointSlice], areFiles: Bool
    ) -> String? {
        guard !slices.isEmpty else {
            return areFiles && !service.selector.isEmpty ? nil : "has no EndpointSlice"
        }
        let serving = slices.filter { slice in
            slice.ports.contains { $0.name == port.name && $0.transport == port.transport && $0.port != nil }
        }
        guard !serving.isEmpty else { return nil }
        let endpoints = serving.flatMap(\.endpoints)
        if endpoints.isEmpty { return "its EndpointSlices list no endpoint that can be used" }
        let isReady =
            service.publishNotReadyAddresses || endpoints.contains { $0.ready || ($0.serving && $0.terminating) }
        guard !isReady else { return nil }
        return endpoints.count == 1
            ? "its one endpoint is not ready" : "\(endpoints.count) endpoints are listed, and none is ready"
    }
}

extension RoutePlanner {
    /// Slices that no Service has a use for, and backends without a ready endpoint. The plan knows nothing of
    /// endpoints, so whoever has read the EndpointSlices asks for it.
    package static func endpointProblems(_ resources: ResourceSet, areFiles: Bool) -> [Problem] {
        EndpointFindings(resources, areFiles: areFiles).problems
    }
}
