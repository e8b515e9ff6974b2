internal import GatewayAPI

extension PlanBuilder {
    /// The pod's own ports: which Services lead there, and their producer routes.
    func planInbound(_ attachments: ServiceAttachments, pod: ObjectKey, addresses: [IPAddress]) {
        let membership = RoutePlanner.inboundMembership(resources: resources, pod: pod, addresses: addresses)
        var visitors: [UInt16: Set<ServiceFrontend>] = [:]
        for entry in membership.entries {
            guard let service = resources.services[entry.service], service.type != "ExternalName" else { continue }
            for port in service.ports where port.isTCP && port.name == entry.portName {
                visitors[entry.podPort, default: []].insert(ServiceFrontend(service: entry.service, port: port.port))
            }
        }
        for podPort in visitors.keys.sorted() {
            let frontends = (visitors[podPort] ?? []).sorted(by: ServiceFrontend.precedes)
            planInboundPort(podPort, frontends, attachments)
        }
    }

    private func planInboundPort(
        _ podPort: UInt16, _ frontends: [ServiceFrontend], _ attachments: ServiceAttachments
    ) {
        var members: [PlannedInboundMember] = []
        var declared: [AppProtocol] = []
        var routed: [AppProtocol] = []
        for frontend in frontends {
            guard let service = resources.services[frontend.service],
                let port = service.ports.first(where: { $0.port == frontend.port && $0.isTCP })
            else { continue }
            declared.append(port.plannedProtocol)
            let routes = attachments.producers[frontend] ?? []
            if routes.isEmpty { continue }
            routed.append(port.plannedProtocol)
            members.append(
                PlannedInboundMember(
                    service: frontend.service, servicePort: frontend.port, clusterIPs: service.clusterIPs,
                    enforcement: enforcement(of: service),
                    backend: position(of: .service(frontend.service, port: frontend.port)),
                    matches: meshMatches(of: routes), routes: routes))
        }
        let appProtocol = Self.agreedProtocol(declared: declared, routed: routed)
        if members.isEmpty, appProtocol == .detect { return }
        plan.inboundPorts.append(
            PlannedInboundPort(
                port: podPort, appProtocol: appProtocol, members: members, mergedMatches: Self.merged(members)))
    }

    /// Services that disagree about one port: the reading that keeps routes in force wins.
    private static func agreedProtocol(declared: [AppProtocol], routed: [AppProtocol]) -> AppProtocol {
        if declared.contains(.http) { return .http }
        if routed.contains(.detect) { return .detect }
        return declared.contains(.opaque) ? .opaque : .detect
    }

    /// Every member's producer routes, each route's once; a Service that leaves enforcement to its callers adds none.
    private static func merged(_ members: [PlannedInboundMember]) -> [PlannedMatch] {
        var seen: Set<PlannedMatch> = []
        return members.lazy.filter { $0.enforcement != .off }.flatMap(\.matches).filter { seen.insert($0).inserted }
    }

    private func enforcement(of service: Service) -> RouteEnforcement {
        reportEnforcement(of: service)
        return RouteEnforcement(of: service) ?? .all
    }

    /// Says so when the annotation has an unknown value.
    func reportEnforcement(of service: Service) {
        if let defect = RouteEnforcement.defect(of: service) { report(defect) }
    }
}

extension RouteEnforcement {
    private static let annotation = "weir.dev/route-enforcement"

    /// nil when the annotation is absent or has an unknown value.
    fileprivate init?(of service: Service) {
        guard let written = service.metadata.annotations[Self.annotation] else { return nil }
        self.init(rawValue: written)
    }

    /// What is wrong with the annotation, if anything.
    static func defect(of service: Service) -> Problem? {
        guard let written = service.metadata.annotations[annotation], RouteEnforcement(rawValue: written) == nil else {
            return nil
        }
        return Problem(
            severity: .error, object: "Service \(service.metadata.key)", field: "metadata.annotations[\(annotation)]",
            value: written, message: "must be all, mesh or off; all is applied")
    }
}
