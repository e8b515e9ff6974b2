internal import GatewayAPI

/// Statuses of objects of kinds that are not served, where they name a Gateway of ours or a Service: nobody must
/// believe them in force.
extension PlanBuilder {
    func planUnservedKinds(_ attachments: ServiceAttachments) {
        let byName: (ResourceID, ResourceID) -> Bool = { ($0.kind.rawValue, $0.key) < ($1.kind.rawValue, $1.key) }
        for id in resources.unservedRoutes.keys.sorted(by: byName) {
            guard !id.kind.isServed, let route = resources.unservedRoutes[id] else { continue }
            planStatus(of: route)
        }
        for key in resources.listenerSets.keys.sorted() {
            if let set = resources.listenerSets[key] { planStatus(of: set) }
        }
        guard !resources.unservedPolicies.isEmpty else { return }
        let reach = BackendReach(self, attachments)
        for id in resources.unservedPolicies.keys.sorted(by: byName) {
            if let policy = resources.unservedPolicies[id] { planStatus(of: policy, reach) }
        }
    }

    /// A Gateway that exists and that this controller is answerable for.
    private func isOurs(_ key: ObjectKey) -> Bool {
        resources.gateways[key].map(isOurs) ?? false
    }

    private func reportUnserved(_ id: ResourceID, _ consequence: String) {
        report(
            Problem(
                severity: .error, id: .unservedKind, object: id.description, field: "kind", value: id.kind.rawValue,
                message: "is a kind of \(id.kind.group) that this version does not serve; \(consequence)"))
    }

    // MARK: Routes

    private func planStatus(of route: UnservedRoute) {
        var entries: [RouteParentStatus] = []
        // One that names nothing but what belongs to others is others' to judge.
        var isOthers = !route.parentRefs.isEmpty
        for parent in route.parentRefs {
            guard let (kind, refusal) = judgement(of: route, at: parent) else {
                isOthers = isOthers && isAnothersGateway(parent, of: route)
                continue
            }
            isOthers = false
            let isKnown = entries.contains {
                $0.parentRef.identity == parent.identity && $0.controllerName == kind.controllerName
            }
            guard !isKnown else { continue }
            let accepted = Condition(
                type: "Accepted", status: false, reason: refusal.reason, message: refusal.message,
                observedGeneration: route.metadata.generation)
            entries.append(
                RouteParentStatus(parentRef: parent, controllerName: kind.controllerName, conditions: [accepted]))
        }
        if !entries.isEmpty { plan.statuses.unservedRoutes[route.id] = entries }
        if !isOthers { reportUnserved(route.id, "the object is not used") }
    }

    private func isAnothersGateway(_ parent: ParentReference, of route: UnservedRoute) -> Bool {
        guard case .gateway = parent.target else { return false }
        let key = ObjectKey(namespace: parent.namespace ?? route.metadata.key.namespace, name: parent.name)
        return resources.gateways[key].map { !isOurs($0) } ?? false
    }

    /// Nil for a parent that is not ours to judge, or of which not even the name can be read.
    private func judgement(of route: UnservedRoute, at parent: ParentReference) -> (ParentKind, AttachRefusal)? {
        guard !parent.name.isEmpty else { return nil }
        let key = ObjectKey(namespace: parent.namespace ?? route.metadata.key.namespace, name: parent.name)
        switch parent.target {
        case .gateway:
            guard let gateway = resources.gateways[key], isOurs(gateway) else { return nil }
            return (.gateway, refusal(of: route, at: parent, gateway))
        case .service: return (.mesh, refusal(of: route, at: parent, service: key))
        case .route, .unknown: return nil
        }
    }

    /// In the order of attachment: a listener is named that does not exist, or none takes the kind.
    private func refusal(of route: UnservedRoute, at parent: ParentReference, _ gateway: Gateway) -> AttachRefusal {
        let isNamed = gateway.listeners.contains { listener in
            (parent.sectionName ?? listener.name) == listener.name && (parent.port ?? listener.port) == listener.port
        }
        guard isNamed else {
            return AttachRefusal(
                "NoMatchingParent",
                "Gateway \(gateway.metadata.key) has no such listener, and \(route.kind.rawValue)s are not served")
        }
        return AttachRefusal(
            "NotAllowedByListeners",
            "\(route.kind.rawValue)s are not served; listeners of Gateway \(gateway.metadata.key) take HTTPRoutes")
    }

    private func refusal(of route: UnservedRoute, at parent: ParentReference, service key: ObjectKey) -> AttachRefusal {
        let kind = route.kind.rawValue
        guard let service = resources.services[key] else {
            return AttachRefusal("NoMatchingParent", "Service \(key) does not exist, and \(kind)s are not served")
        }
        let isNamed = service.ports.contains { port in
            (parent.port ?? port.port) == port.port && (parent.sectionName ?? port.name) == port.name
        }
        let refusal =
            isNamed
            ? AttachRefusal("UnsupportedValue", "\(kind)s to Service \(key) are not served")
            : AttachRefusal("NoMatchingParent", "Service \(key) has no such port, and \(kind)s are not served")
        return route.kind == .udpRoute
            ? refusal : refusal.closing(key, named: route.metadata.key, in: resources)
    }

    // MARK: ListenerSets

    private func planStatus(of set: ListenerSet) {
        let id = ResourceID(kind: .listenerSet, key: set.key)
        guard let gateway = set.gateway, isOurs(gateway) else {
            // Of a Gateway that does not exist nobody else may speak either.
            if set.gateway.map({ resources.gateways[$0] == nil }) ?? true {
                reportUnserved(id, "its listeners do not serve")
            }
            return
        }
        plan.statuses.listenerSets[set.key] = ["Accepted", "Programmed"].map { type in
            Condition(
                type: type, status: false, reason: "NotAllowed", message: UnservedListenerSet.message,
                observedGeneration: set.generation)
        }
        reportUnserved(id, "its listeners do not serve")
    }

    // MARK: Policies

    private func planStatus(of policy: UnservedPolicy, _ reach: BackendReach) {
        let message: String
        switch policy.id.kind {
        case .backendTLSPolicy:
            message = "TLS to backends is not served; requests that a route leads there answer 500"
            let targets = policy.targets.map { $0.name.isEmpty ? "any \($0.kind)" : "\($0.kind) \($0.name)" }
            report(
                Problem(
                    severity: .error, id: .policyUnserved, object: policy.id.description, field: "spec.targetRefs",
                    value: Self.quote(targets), message: message))
        default:
            message = "\(policy.id.kind.rawValue) is not served; requests are forwarded without what it asks for"
            reportUnserved(policy.id, "requests are forwarded without what it asks for")
        }
        let accepted = Condition(
            type: "Accepted", status: false, reason: "Invalid", message: message, observedGeneration: policy.generation)
        let entries = reach.ancestors(of: policy).map { ancestor in
            RouteParentStatus(
                parentRef: ancestor.reference, controllerName: ancestor.kind.controllerName, conditions: [accepted])
        }
        if !entries.isEmpty { plan.statuses.policies[policy.id] = entries }
    }
}

/// What is said of a ListenerSet, whose conditions do not tell who wrote them.
package enum UnservedListenerSet {
    package static let message =
        "ListenerSets are not served by \(RoutePlanner.gatewayController); none of these listeners serves"
}
