internal import GatewayAPI

extension PlanBuilder {
    /// The pod's own ports: which Services lead there, and their producer routes.
    func planInbound(_ attachments: ServiceAttachments, pod: ObjectKey, addresses: [IPAddress]) {
        let membership = RoutePlanner.inboundMembership(resources: resources, pod: pod, addresses: addresses)
        var visitors: [UInt16: Set<PortDeclaration>] = [:]
        for entry in membership.entries {
            guard let service = resources.services[entry.service] else { continue }
            visitors[entry.podPort, default: []].formUnion(service.declarations(ofPort: entry.portName))
        }
        for podPort in visitors.keys.sorted() {
            planInboundPort(podPort, (visitors[podPort] ?? []).sorted(by: PortDeclaration.precedes), attachments)
        }
    }

    private func planInboundPort(
        _ podPort: UInt16, _ declarations: [PortDeclaration], _ attachments: ServiceAttachments
    ) {
        var members: [PlannedInboundMember] = []
        var routed: [AppProtocol] = []
        for declaration in declarations {
            let frontend = ServiceFrontend(service: declaration.service, port: declaration.port.port)
            guard let service = resources.services[frontend.service] else { continue }
            let routes = attachments.producers[frontend] ?? []
            if routes.isEmpty { continue }
            routed.append(declaration.port.plannedProtocol)
            members.append(
                PlannedInboundMember(
                    service: frontend.service, servicePort: frontend.port, clusterIPs: service.clusterIPs,
                    enforcement: enforcement(of: service),
                    backend: position(of: .service(frontend.service, port: frontend.port)),
                    matches: meshMatches(of: routes), routes: routes))
        }
        let disagreement = ProtocolDisagreement(declarations, podPort: podPort)
        if let disagreement { report(disagreement.problem) }
        let appProtocol =
            disagreement == nil || routed.contains(.http)
            ? Self.agreedProtocol(declared: declarations.map(\.port.plannedProtocol), routed: routed) : .detect
        if members.isEmpty, appProtocol == .detect { return }
        plan.inboundPorts.append(
            PlannedInboundPort(
                port: podPort, appProtocol: appProtocol, members: members, mergedMatches: Self.merged(members)))
    }

    /// What one port speaks: the reading that keeps routes in force wins. Bytes that are not HTTP would pass by them.
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
