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
    /// Another listener of the Gateway has the same port and hostname.
    let isConflicted: Bool
    /// `attachedRoutes`: accepted routes, each counted once.
    private(set) var attachedRoutes = 0
    private(set) var matches: [PlannedMatch] = []
    /// Routes come in order of their keys, so one that attaches again is always the last one.
    private var latest: ObjectKey?

    var isUsable: Bool { refusal == nil && !isConflicted }

    static let httpRoute = RouteGroupKind(group: GroupName.gatewayAPI, kind: "HTTPRoute")

    init(_ listener: Listener, isConflicted: Bool) {
        self.listener = listener
        self.isConflicted = isConflicted
        let byProtocol = Self.kinds(of: listener.listenerProtocol)
        if let allowed = listener.allowedKinds {
            supportedKinds = byProtocol.filter { allowed.contains($0) }
            hasInvalidKinds = allowed.contains { !byProtocol.contains($0) }
        } else {
            supportedKinds = byProtocol
            hasInvalidKinds = false
        }
        if listener.listenerProtocol != "HTTP" {
            refusal = ("UnsupportedProtocol", "protocol \(listener.listenerProtocol) is not served; HTTP is")
        } else if let defect = listener.defect {
            refusal = ("UnsupportedValue", defect)
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

    /// Routes may bind to an HTTPS listener, and count there, although this version does not serve it.
    private static func kinds(of listenerProtocol: String) -> [RouteGroupKind] {
        switch listenerProtocol {
        case "HTTP", "HTTPS": [httpRoute]
        default: []
        }
    }

    /// `allowedRoutes`, for an HTTPRoute of `namespace`.
    func allows(routeIn namespace: String, gatewayNamespace: String, labels: [String: String]) -> Bool {
        guard supportedKinds.contains(Self.httpRoute) else { return false }
        switch listener.allowedNamespaces {
        case .same: return namespace == gatewayNamespace
        case .all: return true
        case .selector(let selector): return selector.matches(labels)
        case .none: return false
        }
    }

    /// The states of a Gateway's listeners. Served listeners with one port and hostname are all rejected: inside a
    /// Gateway a conflict has no winner (Gateway.spec.listeners).
    static func states(of gateway: Gateway) -> [ListenerState] {
        var count: [Identity: Int] = [:]
        for listener in gateway.listeners where listener.listenerProtocol == "HTTP" {
            count[Identity(listener), default: 0] += 1
        }
        return gateway.listeners.map { listener in
            let isConflicted = listener.listenerProtocol == "HTTP" && (count[Identity(listener)] ?? 0) > 1
            return ListenerState(listener, isConflicted: isConflicted)
        }
    }

    private struct Identity: Hashable {
        var port: UInt16
        var hostname: String?

        init(_ listener: Listener) {
            port = listener.port
            hostname = listener.hostname
        }
    }
}
