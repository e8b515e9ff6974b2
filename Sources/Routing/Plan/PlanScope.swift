package import GatewayAPI

/// Whose picture of the resources is planned.
package enum PlanScope: Hashable, Sendable {
    /// One Gateway's listeners.
    case gateway(ObjectKey)
    /// One pod: every Service as an outbound frontend for clients of the pod's namespace, and the pod's own inbound
    /// ports.
    case sidecar(pod: ObjectKey, addresses: [IPAddress])
    /// Every Gateway and every Service: for checking, explaining and status.
    case cluster
}
