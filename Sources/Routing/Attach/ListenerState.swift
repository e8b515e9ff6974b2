internal import GatewayAPI

/// One listener of a Gateway while routes are attached to it.
struct ListenerState {
    let listener: Listener
    /// Kinds of routes it may take.
    let supportedKinds: [RouteGroupKind]
    /// `allowedRoutes.kinds` names a kind that it cannot take.
    let hasInvalidKinds: Bool
    /// Why the listener is not accepted, as the condition's reason and message.
    let refusal: (reason: String, message: String)?
    /// Set once all listeners are known.
    var conflict: ListenerConflict?
    /// What its certificateRefs lead to; nil where TLS is not ended.
    let certificates: CertificateFindings?
    /// Another HTTPS listener answers for some of the same names.
    var overlap: ListenerOverlap?
    /// `attachedRoutes`: accepted routes, each counted once.
    private(set) var attachedRoutes = 0
    private(set) var matches: [PlannedMatch] = []
    /// Routes come in order of their keys, so one that attaches again is always the last one.
    private var latest: ObjectKey?

    var isAccepted: Bool { refusal == nil && conflict == nil }
    /// Requests can be served: some certificate is sound, or was until now, where one is needed.
    var isUsable: Bool { isAccepted && (certificates.map { !$0.usable.isEmpty } ?? true) }

    /// The label every Namespace carries with its own name, whether or not its object was read.
    static let namespaceNameLabel = "kubernetes.io/metadata.name"

    static let httpRoute = RouteGroupKind(group: GroupName.gatewayAPI, kind: "HTTPRoute")
    private static let grpcRoute = RouteGroupKind(group: GroupName.gatewayAPI, kind: "GRPCRoute")

    init(_ listener: Listener, certificates: CertificateFindings?, verifiesClients: Bool) {
        self.listener = listener
        self.certificates = certificates
        let byProtocol = Self.kinds(of: listener.listenerProtocol)
        if let allowed = listener.allowedKinds {
            supportedKinds = byProtocol.filter { allowed.contains($0) }
            hasInvalidKinds = allowed.contains { !byProtocol.contains($0) }
        } else {
            supportedKinds = byProtocol
            hasInvalidKinds = false
        }
        if !listener.isServedProtocol {
            refusal = (
                "UnsupportedProtocol", "protocol \(listener.listenerProtocol) is not served; HTTP and HTTPS are"
            )
        } else if let defect = listener.defect {
            refusal = ("UnsupportedValue", defect)
        } else if RoutePlanner.ownPorts.contains(listener.port) {
            // Both sockets could be bound, and the kubelet's probes would meet routes.
            refusal = ("PortUnavailable", "port \(listener.port) is the proxy's own (admin 15000, telemetry 15020)")
        } else if verifiesClients {
            // Serving without the verification that was asked for would let everybody in.
            refusal = ("UnsupportedValue", "spec.tls.frontend asks for client certificates, which cannot be verified")
        } else {
            refusal = nil
        }
    }

    /// Attaches a route once, however many of its parentRefs lead here.
    mutating func attach(_ route: ObjectKey, counts: Bool, matches added: [PlannedMatch], hostnames: [String]) {
        guard latest != route else { return }
        latest = route
        if counts { attachedRoutes += 1 }
        for var match in added {
            match.hostnames = hostnames
            matches.append(match)
        }
    }

    /// Adds a match of a route that is not attached.
    mutating func keep(_ match: PlannedMatch) {
        matches.append(match)
    }

    private static func kinds(of listenerProtocol: String) -> [RouteGroupKind] {
        switch listenerProtocol {
        case "HTTP", "HTTPS": [httpRoute]
        default: []
        }
    }

    /// `allowedRoutes`, for an HTTPRoute of `namespace`.
    func allows(routeIn namespace: String, gatewayNamespace: String, labels: [String: String]) -> Bool {
        supportedKinds.contains(Self.httpRoute)
            && admits(namespace, gatewayNamespace: gatewayNamespace, labels: labels)
    }

    /// Whether a GRPCRoute of `namespace` would be taken, if the kind were served.
    func wouldAllow(grpcRouteIn namespace: String, gatewayNamespace: String, labels: [String: String]) -> Bool {
        listener.isServedProtocol && listener.allowedKinds?.contains(Self.grpcRoute) ?? true
            && admits(namespace, gatewayNamespace: gatewayNamespace, labels: labels)
    }

    private func admits(_ namespace: String, gatewayNamespace: String, labels: [String: String]) -> Bool {
        switch listener.allowedNamespaces {
        case .same: return namespace == gatewayNamespace
        case .all: return true
        case .selector(let selector): return selector.matches(labels)
        case .none: return false
        }
    }

    /// Whether there are labels with which a Namespace of that name would be let in by a selector.
    func mayAllow(routeIn namespace: String) -> Bool {
        guard supportedKinds.contains(Self.httpRoute), case .selector(let selector) = listener.allowedNamespaces else {
            return false
        }
        let certain = [Self.namespaceNameLabel: namespace]
        return selector.requirements.allSatisfy { $0.key != Self.namespaceNameLabel || $0.isMet(by: certain) }
    }
}

extension PlanBuilder {
    /// The states of a Gateway's listeners before any route attaches.
    func listenerStates(of gateway: Gateway) -> [ListenerState] {
        var room = CertificateRoom()
        var states = gateway.listeners.enumerated().map { position, listener in
            ListenerState(
                listener,
                certificates: listener.isHTTPS ? certificates(of: listener, at: position, gateway, &room) : nil,
                verifiesClients: listener.isHTTPS && gateway.frontendValidation.isAsked(on: listener.port))
        }
        ListenerConflict.mark(&states)
        ListenerOverlap.mark(&states)
        return states
    }
}
