package import GatewayAPI

/// What the resources mean for one scope, before it is laid out for matching: frontends, the matches attached to each
/// in no particular order, the rules that the matches lead to, and what has to be said about it all.
package struct RoutePlan: Sendable {
    package var listeners: [PlannedListener] = []
    package var services: [PlannedService] = []
    package var inboundPorts: [PlannedInboundPort] = []
    package var rules: [PlannedRule] = []
    /// Backends named by any valid reference and by the Services planned; `Int` positions are used as references.
    package var backends: [BackendKey] = []
    /// Secrets that listeners refer to and may; whether they exist or not.
    package var wantedSecrets: Set<ObjectKey> = []
    package var problems: [Problem] = []
    package var statuses = StatusReport()
    /// It was given up before its end, and says nothing.
    package var isInterrupted = false

    package init() {}
}

/// What a rule forwards to, named so that endpoints can change without a new plan.
package enum BackendKey: Hashable, Sendable {
    /// A Service and its port number (the Service's, not the target's).
    case service(ObjectKey, port: UInt16)
    /// A `gateway.kgateway.dev` Backend.
    case backend(ObjectKey)
}

/// A Gateway listener that takes requests.
package struct PlannedListener: Sendable {
    package var gateway: ObjectKey
    package var name: String
    package var port: UInt16
    /// nil matches every host.
    package var hostname: String?
    package var matches: [PlannedMatch]
    /// Problems of the listener keep it from serving; it then has no matches and is not listened on.
    package var isUsable: Bool
    /// nil for plain HTTP. All usable listeners of a Gateway's port are of one sort.
    package var tls: PlannedTLS?
    package var pathRules = PathRules.standard

    package init(
        gateway: ObjectKey, name: String, port: UInt16, hostname: String?, matches: [PlannedMatch], isUsable: Bool,
        tls: PlannedTLS? = nil
    ) {
        self.gateway = gateway
        self.name = name
        self.port = port
        self.hostname = hostname
        self.matches = matches
        self.isUsable = isUsable
        self.tls = tls
    }
}

/// One port of a Service as a frontend of the outbound door.
package struct PlannedService: Sendable {
    package var service: ObjectKey
    package var port: UInt16
    package var clusterIPs: [IPAddress]
    package var appProtocol: AppProtocol
    /// The backend of plain forwarding, as a position in `RoutePlan.backends`.
    package var backend: Int
    /// Accepted routes exist: a request that none of them matches is answered 404.
    package var isRouted: Bool
    /// The routes are there and were not planned, because nobody has called the Service.
    package var isDeferred = false
    package var matches: [PlannedMatch]
    package var pathRules = PathRules.standard
}

/// How a port's bytes are to be read.
package enum AppProtocol: UInt8, Sendable {
    /// Nothing usable declared: look at the first bytes.
    case detect
    case http
    /// Declared as something that is not HTTP/1.1: bytes are passed as they are.
    case opaque
}

/// One port of the scope's own pod, and the Services that lead to it and have producer routes.
package struct PlannedInboundPort: Sendable {
    package var port: UInt16
    package var appProtocol: AppProtocol
    package var members: [PlannedInboundMember]
    /// The producer routes of all members, for a request that names none of them.
    package var mergedMatches: [PlannedMatch]
    package var mergedPathRules = PathRules.standard
}

package struct PlannedInboundMember: Sendable {
    package var service: ObjectKey
    package var servicePort: UInt16
    package var clusterIPs: [IPAddress]
    package var enforcement: RouteEnforcement
    /// Position in `RoutePlan.backends` of this Service port: a rule that draws it stays in this pod.
    package var backend: Int
    package var matches: [PlannedMatch]
    /// Every HTTPRoute bound to this Service port, to know whether a gateway has applied the very same one.
    package var routes: [ObjectKey]
    /// Closed also to other sidecars' requests that were addressed to the pod: its callers have no other way to address
    /// it.
    package var isClosedToPeers = false
    package var pathRules = PathRules.standard
}

/// One match of one rule under one frontend, with everything that ranks it.
package struct PlannedMatch: Hashable, Sendable {
    /// The intersected hostnames under which it applies, lower-cased, `*.` for wildcards; empty means every host.
    package var hostnames: [String]
    package var path: PathMatch
    package var headers: [ValueMatch]
    package var queryParams: [ValueMatch]
    package var method: String?
    /// Position in `RoutePlan.rules`.
    package var rule: Int
    package var rank: Rank
    /// Some expression of it is beyond a limit, so that what it matches is not known. Its rule answers 500 to requests
    /// that all else of it fits, where rules of its own namespace alone rank below it.
    package var isUndecided = false

    /// The tie-breaks after path, method, header and query counts, compared in this order (Gateway API,
    /// HTTPRouteRule.matches; for delegated rules the root's age comes before the owner's).
    package struct Rank: Hashable, Sendable {
        package var rootCreation: Int64
        package var root: ObjectKey
        package var ownerCreation: Int64
        package var owner: ObjectKey
        package var ruleIndex: Int
        package var matchIndex: Int

        package init(
            rootCreation: Int64, root: ObjectKey, ownerCreation: Int64, owner: ObjectKey, ruleIndex: Int,
            matchIndex: Int
        ) {
            self.rootCreation = rootCreation
            self.root = root
            self.ownerCreation = ownerCreation
            self.owner = owner
            self.ruleIndex = ruleIndex
            self.matchIndex = matchIndex
        }
    }

    package init(
        hostnames: [String] = [], path: PathMatch = PathMatch(.prefix, "/"), headers: [ValueMatch] = [],
        queryParams: [ValueMatch] = [], method: String? = nil, rule: Int, rank: Rank, isUndecided: Bool = false
    ) {
        self.hostnames = hostnames
        self.path = path
        self.headers = headers
        self.queryParams = queryParams
        self.method = method
        self.rule = rule
        self.rank = rank
        self.isUndecided = isUndecided
    }
}

/// What happens to a request once a match has led to it. Fields inherited through delegation are already merged in.
package struct PlannedRule: Hashable, Sendable {
    package var origin: RuleOrigin
    package var action: Action
    /// The rule's own, before those of the share that is drawn.
    package var requestHeaders: [HeaderModifier]
    package var responseHeaders: [HeaderModifier]
    package var inheritedHeaders: InheritedHeaders
    package var rewrite: URLRewrite?
    package var timeouts: HTTPRouteTimeouts

    package enum Action: Hashable, Sendable {
        /// Draw by weight over all entries, invalid ones included. Empty: 500.
        case forward([PlannedBackend])
        case redirect(RequestRedirect)
        /// The rule cannot be used: 500, with the reason for the operator (never sent to the client).
        case fail(reason: String)
        /// 500 for every request, with the reason for the operator: what was to guard the frontend is not in force.
        case closed(reason: String)

        /// Every request that it takes is answered 500.
        package var isFailure: Bool {
            switch self {
            case .fail, .closed: true
            case .forward, .redirect: false
            }
        }
    }

    package init(
        origin: RuleOrigin, action: Action, requestHeaders: [HeaderModifier] = [],
        responseHeaders: [HeaderModifier] = [], inheritedHeaders: InheritedHeaders = InheritedHeaders(),
        rewrite: URLRewrite? = nil, timeouts: HTTPRouteTimeouts = HTTPRouteTimeouts()
    ) {
        self.origin = origin
        self.action = action
        self.requestHeaders = requestHeaders
        self.responseHeaders = responseHeaders
        self.inheritedHeaders = inheritedHeaders
        self.rewrite = rewrite
        self.timeouts = timeouts
    }
}

/// Header modifiers of the delegating parents, the nearest's first. They are applied after everything of the rule's
/// own, the filters of its backendRefs included, so that what a parent sets or removes stands.
package struct InheritedHeaders: Hashable, Sendable {
    package var request: [HeaderModifier]
    package var response: [HeaderModifier]

    package init(request: [HeaderModifier] = [], response: [HeaderModifier] = []) {
        self.request = request
        self.response = response
    }
}

/// One weighted share of a rule.
package struct PlannedBackend: Hashable, Sendable {
    package enum Target: Hashable, Sendable {
        /// Position in `RoutePlan.backends`.
        case backend(Int)
        /// The share answers with this redirect.
        case redirect(RequestRedirect)
        /// The share answers 500.
        case invalid(reason: String)
    }

    package var target: Target
    package var weight: UInt32
    package var requestHeaders: [HeaderModifier]
    package var responseHeaders: [HeaderModifier]
    package var rewrite: URLRewrite?

    package init(
        target: Target, weight: UInt32, requestHeaders: [HeaderModifier] = [], responseHeaders: [HeaderModifier] = [],
        rewrite: URLRewrite? = nil
    ) {
        self.target = target
        self.weight = weight
        self.requestHeaders = requestHeaders
        self.responseHeaders = responseHeaders
        self.rewrite = rewrite
    }
}

/// Where a rule came from, for people: the chain of routes from the root to the owner, and the rule in the owner.
package struct RuleOrigin: Hashable, Sendable {
    /// Root first, owner last; one element when nothing was delegated.
    package var chain: [ObjectKey]
    package var ruleIndex: Int
    package var ruleName: String?

    package init(chain: [ObjectKey], ruleIndex: Int, ruleName: String? = nil) {
        self.chain = chain
        self.ruleIndex = ruleIndex
        self.ruleName = ruleName
    }
}
