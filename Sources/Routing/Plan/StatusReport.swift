package import GatewayAPI

/// The conditions that the standard asks for, per object, without times (whoever writes them adds those).
package struct StatusReport: Hashable, Sendable {
    package var gatewayClasses: [String: [Condition]] = [:]
    package var gateways: [ObjectKey: GatewayStatus] = [:]
    package var httpRoutes: [ObjectKey: [RouteParentStatus]] = [:]
    package var backends: [ObjectKey: [Condition]] = [:]
    /// `status.parents` of routes of kinds that are not served.
    package var unservedRoutes: [ResourceID: [RouteParentStatus]] = [:]
    /// `status.ancestors` of policies.
    package var policies: [ResourceID: [RouteParentStatus]] = [:]
    package var listenerSets: [ObjectKey: [Condition]] = [:]

    package init() {}
}

/// One Kubernetes condition.
package struct Condition: Hashable, Sendable {
    package var type: String
    package var status: Bool
    package var reason: String
    package var message: String
    package var observedGeneration: Int64

    package init(type: String, status: Bool, reason: String, message: String, observedGeneration: Int64) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.observedGeneration = observedGeneration
    }
}

package struct GatewayStatus: Hashable, Sendable {
    package var conditions: [Condition]
    package var listeners: [ListenerStatus]
    /// nil where nobody provisions: what the object says of addresses is then left alone.
    package var addresses: [GatewayAddress]?

    package init(conditions: [Condition], listeners: [ListenerStatus], addresses: [GatewayAddress]? = nil) {
        self.conditions = conditions
        self.listeners = listeners
        self.addresses = addresses
    }
}

package struct ListenerStatus: Hashable, Sendable {
    package var name: String
    package var supportedKinds: [RouteGroupKind]
    package var attachedRoutes: Int
    package var conditions: [Condition]

    package init(name: String, supportedKinds: [RouteGroupKind], attachedRoutes: Int, conditions: [Condition]) {
        self.name = name
        self.supportedKinds = supportedKinds
        self.attachedRoutes = attachedRoutes
        self.conditions = conditions
    }
}

/// `status.parents[]` of a route; `status.ancestors[]` of a policy, of which `parentRef` is the `ancestorRef`.
package struct RouteParentStatus: Hashable, Sendable {
    package var parentRef: ParentReference
    /// `weir.dev/gateway-controller` or `weir.dev/mesh-controller`.
    package var controllerName: String
    package var conditions: [Condition]

    package init(parentRef: ParentReference, controllerName: String, conditions: [Condition]) {
        self.parentRef = parentRef
        self.controllerName = controllerName
        self.conditions = conditions
    }
}
