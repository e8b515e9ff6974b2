internal import GatewayAPI

/// The Service ports that lead to one port of the pod, and Services that do and have no such port.
private struct InboundVisitors {
    var declarations: Set<PortDeclaration> = []
    /// Guarded ones of which an EndpointSlice names a port that they do not have, or that do not exist, with what was
    /// to guard them.
    var strangers: [ObjectKey: BrokenGuard] = [:]
}

extension PlanBuilder {
    /// The pod's own ports: which Services lead there, and their producer routes.
    func planInbound(_ attachments: ServiceAttachments, pod: ObjectKey, addresses: [IPAddress]) {
        let visitors = visitors(
            RoutePlanner.inboundMembership(resources: resources, pod: pod, addresses: addresses), attachments)
        for podPort in visitors.keys.sorted() {
            if let visitors = visitors[podPort] { planInboundPort(podPort, visitors, attachments) }
        }
    }

    private func visitors(_ membership: InboundMembership, _ attachments: ServiceAttachments) -> [UInt16:
        InboundVisitors]
    {
        var visitors: [UInt16: InboundVisitors] = [:]
        var strangers: [InboundMembership.Entry] = []
        var names: [ObjectKey: Set<String>] = [:]
        for entry in membership.entries {
            let service = resources.services[entry.service]
            let declarations = service?.declarations(ofPort: entry.portName) ?? []
            if declarations.isEmpty {
                strangers.append(entry)
            } else {
                visitors[entry.podPort, default: InboundVisitors()].declarations.formUnion(declarations)
            }
            names[entry.service, default: []].insert(entry.portName)
        }
        for key in membership.services where !attachments.guards(of: key).isEmpty {
            let joined = names[key] ?? []
            // What no slice says, the Service does.
            for declaration in resources.services[key]?.declarations ?? [] where !joined.contains(declaration.port.name)
            {
                guard let podPort = declaration.port.targetPort else { continue }
                visitors[podPort, default: InboundVisitors()].declarations.insert(declaration)
            }
        }
        for entry in strangers.sorted(by: InboundMembership.Entry.precedes) {
            guard let broken = attachments.guards(of: entry.service).first else { continue }
            let isKnown = visitors[entry.podPort]?.declarations.contains { $0.service == entry.service } ?? false
            if !isKnown { visitors[entry.podPort, default: InboundVisitors()].strangers[entry.service] = broken }
        }
        return visitors
    }

    private func planInboundPort(_ podPort: UInt16, _ visitors: InboundVisitors, _ attachments: ServiceAttachments) {
        let declarations = visitors.declarations.sorted(by: PortDeclaration.precedes)
        var members: [PlannedInboundMember] = []
        var routed: [AppProtocol] = []
        var isClosed = false
        for declaration in declarations {
            guard let service = resources.services[declaration.service] else { continue }
            let rules = attachments.rules(for: declaration.port, of: service)
            if rules.isNone { continue }
            isClosed = isClosed || rules.isClosed
            routed.append(declaration.port.plannedProtocol)
            members.append(member(service, declaration.port.port, rules))
        }
        for (key, broken) in visitors.strangers.sorted(by: { $0.key < $1.key }) {
            let service =
                resources.services[key] ?? Service(metadata: ObjectMeta(key: key), isHeadless: true, ports: [])
            guard RouteEnforcement(of: service) != .off else { continue }
            isClosed = true
            reportStranger(key, podPort)
            members.append(member(service, podPort, .closed([broken])))
        }
        members = refusingPlaintext(members)
        let disagreement = ProtocolDisagreement(declarations, podPort: podPort)
        if let disagreement { report(disagreement.problem) }
        var appProtocol =
            disagreement == nil || routed.contains(.http)
            ? Self.agreedProtocol(declared: declarations.map(\.port.plannedProtocol), routed: routed) : .detect
        // What is closed takes no bytes but those of requests, which can be told so.
        if isClosed { appProtocol = .http }
        if members.isEmpty, appProtocol == .detect { return }
        plan.inboundPorts.append(
            PlannedInboundPort(
                port: podPort, appProtocol: appProtocol, members: members, mergedMatches: Self.merged(members)))
    }

    private func member(_ service: Service, _ port: UInt16, _ rules: ServiceRules) -> PlannedInboundMember {
        reportEnforcement(of: service)
        let routes = if case .routes(let routes) = rules { routes } else { [ObjectKey]() }
        return PlannedInboundMember(
            service: service.metadata.key, servicePort: port, clusterIPs: service.clusterIPs,
            enforcement: RouteEnforcement(of: service),
            backend: position(of: .service(service.metadata.key, port: port)),
            matches: matches(of: rules, at: service.metadata.key),
            routes: routes, isClosedToPeers: rules.isClosed && service.isHeadless)
    }

    private func reportStranger(_ service: ObjectKey, _ podPort: UInt16) {
        let defect =
            resources.services[service] == nil ? "does not exist" : "has no TCP port of the name in its EndpointSlice"
        report(
            Problem(
                severity: .error, id: .guardBroken, object: "Service \(service)", field: "spec.ports",
                value: "\(podPort)",
                message: "\(defect); a route is to guard it, so port \(podPort) of its pods answers 500"))
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

    /// Says so when the annotation has an unknown value.
    func reportEnforcement(of service: Service) {
        if let defect = RouteEnforcement.defect(of: service) { report(defect) }
    }
}

extension ServiceAttachments {
    /// What is to guard a Service, whichever the port, as far as it is broken; routes in force count as such for ports
    /// that they cannot be in force at.
    fileprivate func guards(of service: ObjectKey) -> [BrokenGuard] {
        let broken = brokenGuards.guards(of: service)
        guard broken.isEmpty else { return broken }
        let inForce = producers.filter { $0.key.service == service }.flatMap(\.value).min()
        return inForce.map {
            [BrokenGuard(kind: .httpRoute, route: $0, reason: "has no port of the Service to be in force at")]
        } ?? []
    }
}
