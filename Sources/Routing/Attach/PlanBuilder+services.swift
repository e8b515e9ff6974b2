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
    var brokenGuards = BrokenGuards()

    /// Those that some route names, be it in force or not.
    func services(in resources: ResourceSet) -> Set<ObjectKey> {
        var services = Set(producers.keys.map(\.service)).union(consumers.keys.map(\.service))
        services.formUnion(brokenGuards.byService.keys)
        services.formUnion(brokenGuards.consumers.keys)
        if !brokenGuards.byNamespace.isEmpty {
            services.formUnion(resources.services.keys.filter { brokenGuards.byNamespace[$0.namespace] != nil })
        }
        return services
    }
}

extension PlanBuilder {
    /// Binds routes to Service ports, and keeps what has to be said to each parentRef.
    func attachServices() -> ServiceAttachments {
        var attachments = ServiceAttachments()
        for service in index.serviceReferences.keys.sorted() {
            for reference in index.serviceReferences[service] ?? [] {
                guard !isInterrupted, let route = resources.httpRoutes[reference.route],
                    reference.parent < route.parentRefs.count
                else { continue }
                bind(route, through: route.parentRefs[reference.parent], to: service, &attachments)
            }
        }
        for reference in index.strayServiceReferences {
            guard let route = resources.httpRoutes[reference.route] else { continue }
            let parent = route.parentRefs[reference.parent]
            let reason = parent.defect ?? "names \(parent.group)/\(parent.kind), not a Service (whose group is \"\")"
            attachments.brokenGuards.add(.httpRoute, reference.route, at: parent, reason)
        }
        for id in resources.unservedRoutes.keys.sorted(by: { ($0.key, $0.kind.rawValue) < ($1.key, $1.kind.rawValue) })
        {
            // UDP is not looked at, nor is it ever captured.
            guard let route = resources.unservedRoutes[id], id.kind != .udpRoute else { continue }
            for parent in route.parentRefs { attachments.brokenGuards.add(id.kind, id.key, at: parent, route.reason) }
        }
        reportClosed(attachments)
        return attachments
    }

    private func bind(
        _ route: HTTPRoute, through parent: ParentReference, to service: ObjectKey,
        _ attachments: inout ServiceAttachments
    ) {
        let key = route.metadata.key
        var (ports, refusal) = place(through: parent, on: service)
        refusal = refusal ?? budgetRefusal(of: route)
        if isDeferred(service) {
            // Of what the pod does not call it needs to know only that there are routes, or were to be.
            if let refusal {
                attachments.brokenGuards.add(.httpRoute, key, at: parent, "is not accepted: \(refusal.message)")
            } else {
                add(key, to: service, ports, &attachments)
            }
            return
        }
        pendingParents.append(
            PendingParent(
                route: key, parentRef: parent, kind: .mesh,
                refusal: refusal?.closing(service, named: key, in: resources)))
        if let refusal {
            // The findings about its rules belong into the status all the same.
            _ = compiledMatches(of: route, kind: .mesh)
            attachments.brokenGuards.add(.httpRoute, key, at: parent, "is not accepted: \(refusal.message)")
            return reportRefusal(refusal, of: route, parent)
        }
        servedRoutes.insert(key)
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
            let follows = [ProblemCause(.service, key)]
            return ([], AttachRefusal("NoMatchingParent", message, dependsOn: dependsOn, follows: follows))
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
        guard !ports.isEmpty else { return refuse("Service \(key) has no such TCP port") }
        // Ports that speak something else are left alone, unless they are all that is named.
        let routed = ports.filter { ResourceKind.httpRoute.routes(ProtocolDeclaration($0)) }
        guard !routed.isEmpty else {
            return refuse("Service \(key) declares a protocol other than HTTP/1.1 there")
        }
        return (routed, nil)
    }

    /// Every TCP port of every Service with a frontend, as clients of one namespace see it; with a directory those with
    /// routes.
    func planServices(_ attachments: ServiceAttachments, clientNamespace: String?) {
        let planned = directory == nil ? Set(resources.services.keys) : attachments.services(in: resources)
        for key in directory?.defects.keys.sorted() ?? [] { directory?.defects[key].map(report) }
        let refused = directory?.refused ?? FrontendRoom.refusedServices(resources.services)
        reportRefused(refused)
        for key in planned.sorted() {
            guard !isInterrupted, let service = resources.services[key], service.isFrontend, refused[key] == nil
            else { continue }
            reportEnforcement(of: service)
            for port in service.ports where port.isTCP {
                let rules = attachments.rules(for: port, of: service, clientsIn: clientNamespace)
                guard directory == nil || !rules.isNone else { continue }
                let isDeferred = isDeferred(key) && rules.isRouted
                plan.services.append(
                    PlannedService(
                        service: key, port: port.port, clusterIPs: service.clusterIPs,
                        appProtocol: rules.isClosed ? .http : port.plannedProtocol,
                        backend: position(of: .service(key, port: port.port)), isRouted: !rules.isNone,
                        isDeferred: isDeferred,
                        matches: isDeferred ? [] : outboundMatches(of: rules, at: key)))
            }
            settle(key)
        }
    }

    private func outboundMatches(of rules: ServiceRules, at service: ObjectKey) -> [PlannedMatch] {
        let matches = matches(of: rules, at: service)
        guard case .routes(let routes) = rules else { return refusingPlaintext(matches) }
        let set = ServiceRouteSet(service: service, routes: routes)
        if let known = outboundMatches[set] { return known }
        let refusing = refusingPlaintext(matches)
        outboundMatches[set] = refusing
        return refusing
    }

    /// Plans consumer routes for what has to be said about them.
    func planConsumers(_ attachments: ServiceAttachments) {
        for frontend in attachments.consumers.keys.sorted(by: ServiceFrontend.precedes) {
            guard !isInterrupted, let byNamespace = attachments.consumers[frontend] else { continue }
            for namespace in byNamespace.keys.sorted() {
                for route in byNamespace[namespace] ?? [] {
                    resources.httpRoutes[route].map { _ = compiledMatches(of: $0, kind: .mesh) }
                }
            }
        }
    }
}

extension AttachRefusal {
    /// The refusal, with what follows for a Service that the route names.
    func closing(_ service: ObjectKey, named route: ObjectKey, in resources: ResourceSet) -> AttachRefusal {
        guard service.namespace == route.namespace, let named = resources.services[service],
            named.type != "ExternalName", RouteEnforcement(of: named) != .off
        else { return self }
        var refusal = self
        refusal.message += "; its ports that no other route guards answer 500"
        return refusal
    }
}

extension [ObjectKey] {
    /// Routes come in order of their keys, so a repetition is always the last one.
    mutating func appendOnce(_ key: ObjectKey) {
        if last != key { append(key) }
    }
}
