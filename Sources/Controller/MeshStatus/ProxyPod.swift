package import GatewayAPI
internal import Injection

/// A pod that runs a Weir proxy, as the API server describes it.
package struct ProxyPod: Hashable, Sendable {
    package enum Role: String, Hashable, Sendable {
        case sidecar
        case gateway
    }

    /// What became of the init container that redirects the pod's connections. The proxy itself runs without the
    /// privilege to look.
    package enum Redirect: String, Hashable, Sendable {
        case installed
        /// It has not come to its end yet.
        case waiting
        case failed
        /// The pod has no such container: connections do not pass through the proxy unless somebody else redirects
        /// them.
        case none
        /// A gateway's connections are addressed to it.
        case notNeeded = "-"
    }

    package var key: ObjectKey
    package var role: Role
    /// Pending, Running, Succeeded, Failed, Unknown.
    package var phase: String
    package var redirect: Redirect
    package var isBeingDeleted: Bool

    private static let gatewayLabel = "gateway.networking.k8s.io/gateway-name"

    /// nil for a pod without a Weir proxy.
    package init?(_ pod: Node) {
        let spec = pod["spec"]
        let metadata = pod["metadata"]
        let containers = (spec?["containers"]?.elements ?? []) + (spec?["initContainers"]?.elements ?? [])
        guard containers.contains(where: { $0["name"]?.stringValue == InjectionNames.proxyContainer }),
            let name = metadata?["name"]?.stringValue, let namespace = metadata?["namespace"]?.stringValue
        else { return nil }
        key = ObjectKey(namespace: namespace, name: name)
        role = metadata?["labels"]?[Self.gatewayLabel] == nil ? .sidecar : .gateway
        phase = pod["status"]?["phase"]?.stringValue ?? "Unknown"
        isBeingDeleted = metadata?["deletionTimestamp"]?.stringValue != nil
        redirect = role == .gateway ? .notNeeded : Self.redirect(pod)
    }

    private static func redirect(_ pod: Node) -> Redirect {
        let declared = pod["spec"]?["initContainers"]?.elements ?? []
        guard declared.contains(where: { $0["name"]?.stringValue == InjectionNames.redirectContainer }) else {
            return .none
        }
        let statuses = pod["status"]?["initContainerStatuses"]?.elements ?? []
        guard let status = statuses.first(where: { $0["name"]?.stringValue == InjectionNames.redirectContainer }),
            let end = status["state"]?["terminated"]
        else { return .waiting }
        return end["exitCode"]?.integerValue == 0 ? .installed : .failed
    }
}
