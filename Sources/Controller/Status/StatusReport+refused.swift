internal import GatewayAPI
internal import Kubernetes
internal import Routing

extension StatusReport {
    /// Has objects that cannot be read say so themselves. What a plan says of such an object is about its last form
    /// that could be read, which stays in force: those conditions stay, under the generation that they are about, and
    /// `Accepted` is about the newest.
    mutating func addRefused(_ refused: [ResourceID: RefusedObject], _ resources: ResourceSet) {
        for (id, object) in refused {
            switch id.kind {
            case .gatewayClass: refuseClass(id.key.name, object, resources)
            case .gateway: refuseGateway(id.key, object, resources)
            case .httpRoute: refuseRoute(id.key, object, resources)
            default: break
            }
        }
    }

    private mutating func refuseClass(_ name: String, _ object: RefusedObject, _ resources: ResourceSet) {
        let before = resources.gatewayClasses[name]
        guard (object.controller ?? before?.controllerName) == RoutePlanner.gatewayController else { return }
        let accepted = Self.refusal("InvalidParameters", object, isKnown: before != nil)
        gatewayClasses[name] = Self.merged(accepted, gatewayClasses[name])
    }

    private mutating func refuseGateway(_ key: ObjectKey, _ object: RefusedObject, _ resources: ResourceSet) {
        let before = resources.gateways[key]
        guard let className = object.controller ?? before?.gatewayClassName,
            resources.gatewayClasses[className]?.controllerName == RoutePlanner.gatewayController
        else { return }
        let accepted = Self.refusal("Invalid", object, isKnown: before != nil)
        let planned = gateways[key]
        var conditions = Self.merged(accepted, planned?.conditions)
        if planned == nil {
            var programmed = accepted
            programmed.type = "Programmed"
            conditions.append(programmed)
        }
        gateways[key] = GatewayStatus(
            conditions: conditions, listeners: planned?.listeners ?? [], addresses: planned?.addresses)
    }

    private mutating func refuseRoute(_ key: ObjectKey, _ object: RefusedObject, _ resources: ResourceSet) {
        let accepted = Self.refusal("UnsupportedValue", object, isKnown: resources.httpRoutes[key] != nil)
        let planned = httpRoutes[key] ?? []
        let entries: [RouteParentStatus]
        if let parents = object.parents {
            let named = parents.compactMap { parent in
                Self.controller(of: parent, in: key.namespace, resources).map { controller in
                    planned.first { $0.controllerName == controller && $0.parentRef.isSameParent(as: parent) }
                        ?? RouteParentStatus(parentRef: parent, controllerName: controller, conditions: [])
                }
            }
            // Routes that delegate to this one stand in no list of its own.
            entries = named + planned.filter { $0.parentRef.kind == "HTTPRoute" }
        } else {
            entries = planned
        }
        httpRoutes[key] = entries.map { entry in
            var entry = entry
            entry.conditions = Self.merged(accepted, entry.conditions)
            return entry
        }
    }

    /// Who answers for a parent; nil when this controller does not.
    private static func controller(
        of parent: ParentReference, in namespace: String, _ resources: ResourceSet
    ) -> String? {
        let target = ObjectKey(namespace: parent.namespace ?? namespace, name: parent.name)
        switch (parent.group, parent.kind) {
        case ("gateway.networking.k8s.io", "Gateway"):
            guard let gateway = resources.gateways[target],
                resources.gatewayClasses[gateway.gatewayClassName]?.controllerName == RoutePlanner.gatewayController
            else { return nil }
            return RoutePlanner.gatewayController
        case ("", "Service"), ("core", "Service"):
            return resources.services[target] == nil ? nil : RoutePlanner.meshController
        default: return nil
        }
    }

    private static func refusal(_ reason: String, _ object: RefusedObject, isKnown: Bool) -> Condition {
        Condition(
            type: "Accepted", status: false, reason: reason,
            message: object.reason + (isKnown ? "; its last form that could be read stays in force" : ""),
            observedGeneration: object.generation)
    }

    private static func merged(_ accepted: Condition, _ planned: [Condition]?) -> [Condition] {
        [accepted] + (planned ?? []).filter { $0.type != accepted.type }
    }
}

extension ParentReference {
    /// Whether both name the same, whatever else was found out about either.
    fileprivate func isSameParent(as other: ParentReference) -> Bool {
        (group, kind, namespace, name) == (other.group, other.kind, other.namespace, other.name)
            && (sectionName, port) == (other.sectionName, other.port)
    }
}
