internal import GatewayAPI

/// One port of one Service, as what routes bind to.
struct ServiceFrontend: Hashable {
    var service: ObjectKey
    var port: UInt16

    static func precedes(_ a: ServiceFrontend, _ b: ServiceFrontend) -> Bool {
        (a.service, a.port) < (b.service, b.port)
    }
}

/// Producer and consumer routes per Service port (GEP-1294), each route once and in order of its key.
struct ServiceAttachments {
    var producers: [ServiceFrontend: [ObjectKey]] = [:]
    /// By the namespace of the routes, whose clients alone they concern.
    var consumers: [ServiceFrontend: [String: [ObjectKey]]] = [:]

    /// Those with routes of any kind.
    var services: Set<ObjectKey> {
        Set(producers.keys.map(\.service)).union(consumers.keys.map(\.service))
    }

    /// The set that replaces plain forwarding for clients of `namespace`; nil namespace stands for everybody else's.
    func routes(for frontend: ServiceFrontend, clientsIn namespace: String?) -> [ObjectKey] {
        if let namespace, namespace != frontend.service.namespace,
            let own = consumers[frontend]?[namespace], !own.isEmpty
        {
            return own
        }
        return producers[frontend] ?? []
    }
}

extension PlanBuilder {
    /// Binds routes to Service ports, and keeps what has to be said to each parentRef.
    func attachServices() -> ServiceAttachments {
        var attachments = ServiceAttachments()
        for service in index.serviceReferences.keys.sorted() {
            for reference in index.serviceReferences[service] ?? [] {
                guard let route = resources.httpRoutes[reference.route], reference.parent < route.parentRefs.count
                else {
                    continue
                }
                bind(route, through: route.parentRefs[reference.parent], to: service, &attachments)
            }
        }
        return attachments
    }

    private func bind(
        _ route: HTTPRoute, through parent: ParentReference, to service: ObjectKey,
        _ attachments: inout ServiceAttachments
    ) {
        let key = route.metadata.key
        let (ports, refusal) = place(through: parent, on: service)
        if isDeferred(service) {
            // Of what the pod does not call it needs to know only that there are routes.
            if refusal == nil { add(key, to: service, ports, &attachments) }
            return
        }
        pendingParents.append(PendingParent(route: key, parentRef: parent, kind: .mesh, refusal: refusal))
        if let refusal {
            // The findings about its rules belong into the status all the same.
            _ = compiledMatches(of: route, kind: .mesh)
            return reportRefusal(refusal, of: route, parent)
        }
        servedRoutes.insert(key)
        if ports.allSatisfy({ $0.plannedProtocol == .opaque }) {
            report(
                route: key, field: "spec.parentRefs[\(route.parentRefs.firstIndex(of: parent) ?? 0)]",
                value: parent.name,
                "Service \(service) declares a protocol other than HTTP/1.1 there; the route has no effect")
        }
        add(key, to: service, ports, &attachments)
    }

    /// Nobody has called the Service whose routes would have to be planned.
    func isDeferred(_ service: ObjectKey) -> Bool {
        called.map { !$0.contains(service) } ?? false
    }

    private func add(
        _ key: ObjectKey, to service: ObjectKey, _ ports: [Service.Port], _ attachments: inout ServiceAttachments
    ) {
        for port in ports {
            let frontend = ServiceFrontend(service: service, port: port.port)
            if key.namespace == service.namespace {
                attachments.producers[frontend, default: []].appendOnce(key)
            } else {
                attachments.consumers[frontend, default: [:]][key.namespace, default: []].appendOnce(key)
            }
        }
    }

    /// The ports that a Service parentRef binds to; hostnames mean nothing here.
    private func place(through parent: ParentReference, on key: ObjectKey) -> ([Service.Port], AttachRefusal?) {
        func refuse(_ message: String, dependsOn: ResourceKinds = []) -> ([Service.Port], AttachRefusal?) {
            ([], AttachRefusal("NoMatchingParent", message, dependsOn: dependsOn))
        }
        if let defect = parent.defect { return ([], AttachRefusal("UnsupportedValue", defect)) }
        guard let service = resources.services[key] else {
            return refuse("Service \(key) does not exist", dependsOn: .service)
        }
        guard service.type != "ExternalName" else { return refuse("Service \(key) is of type ExternalName") }
        guard !service.isHeadless else {
            return refuse("Service \(key) is headless: without a ClusterIP it has no frontend")
        }
        let ports = service.ports.filter { port in
            port.isTCP && (parent.port ?? port.port) == port.port && (parent.sectionName ?? port.name) == port.name
        }
        return ports.isEmpty ? refuse("Service \(key) has no such TCP port") : (ports, nil)
    }

    /// Every TCP port of every Service with a frontend, as clients of one namespace see it; with a directory those with routes.
    func planServices(_ attachments: ServiceAttachments, clientNamespace: String?) {
        let planned = directory == nil ? Set(resources.services.keys) : attachments.services
        for key in directory?.defects.keys.sorted() ?? [] { directory?.defects[key].map(report) }
        for key in planned.sorted() {
            guard let service = resources.services[key], service.isFrontend else { continue }
            reportEnforcement(of: service)
            for port in service.ports where port.isTCP {
                let frontend = ServiceFrontend(service: key, port: port.port)
                let routes = attachments.routes(for: frontend, clientsIn: clientNamespace)
                guard directory == nil || !routes.isEmpty else { continue }
                plan.services.append(
                    PlannedService(
                        service: key, port: port.port, clusterIPs: service.clusterIPs,
                        appProtocol: port.plannedProtocol, backend: position(of: .service(key, port: port.port)),
                        isRouted: !routes.isEmpty, isDeferred: isDeferred(key) && !routes.isEmpty,
                        matches: isDeferred(key) ? [] : meshMatches(of: routes)))
            }
        }
    }

    /// Plans consumer routes for what has to be said about them.
    func planConsumers(_ attachments: ServiceAttachments) {
        for frontend in attachments.consumers.keys.sorted(by: ServiceFrontend.precedes) {
            guard let byNamespace = attachments.consumers[frontend] else { continue }
            for namespace in byNamespace.keys.sorted() {
                _ = meshMatches(of: byNamespace[namespace] ?? [])
            }
        }
    }

    func meshMatches(of routes: [ObjectKey]) -> [PlannedMatch] {
        routes.flatMap { key in
            resources.httpRoutes[key].map { compiledMatches(of: $0, kind: .mesh) } ?? []
        }
    }
}

extension [ObjectKey] {
    /// Routes come in order of their keys, so a repetition is always the last one.
    mutating func appendOnce(_ key: ObjectKey) {
        if last != key { append(key) }
    }
}
