/// `gateway.networking.k8s.io` HTTPRoute.
///
/// A field that cannot be used does not lose the object: the smallest thing that is wrong carries a `defect`
/// (a sentence for its owner) and the routing core answers for that thing alone.
package struct HTTPRoute: Hashable, Sendable {
    package var metadata: ObjectMeta
    package var parentRefs: [ParentReference]
    /// Lower-cased, as `example.com` or `*.example.com`.
    package var hostnames: [String]
    package var rules: [HTTPRouteRule]

    package init(metadata: ObjectMeta, parentRefs: [ParentReference], hostnames: [String], rules: [HTTPRouteRule]) {
        self.metadata = metadata
        self.parentRefs = parentRefs
        self.hostnames = hostnames
        self.rules = rules
    }
}

/// Where a route wants to attach. Defaults of the API server are filled in (group, kind, but not namespace).
package struct ParentReference: Hashable, Sendable {
    package var group: String
    package var kind: String
    /// nil means the route's own.
    package var namespace: String?
    package var name: String
    package var sectionName: String?
    package var port: UInt16?
    package var defect: String?
    /// `group` and `kind` were both written out; what delegation demands of a child's parentRef.
    package var isExplicit: Bool

    package init(
        group: String = "gateway.networking.k8s.io", kind: String = "Gateway", namespace: String? = nil, name: String,
        sectionName: String? = nil, port: UInt16? = nil, defect: String? = nil, isExplicit: Bool = true
    ) {
        self.group = group
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.sectionName = sectionName
        self.port = port
        self.defect = defect
        self.isExplicit = isExplicit
    }

    /// What the entry names, however it is written.
    package var identity: ParentReference {
        var identity = self
        identity.defect = nil
        identity.isExplicit = true
        return identity
    }

    /// Whether a Service is meant, be the reference right or not: `kind: Service` without its group is the commonest
    /// slip there is. What is meant by a route of its namespace is guarded.
    package var meansService: Bool {
        switch group {
        case "", "core": kind.lowercased() == "service" || (kind == "Gateway" && !isExplicit)
        case "v1", "gateway.networking.k8s.io": kind.lowercased() == "service"
        default: false
        }
    }
}

package struct HTTPRouteRule: Hashable, Sendable {
    package var name: String?
    /// Never empty: a rule without matches has the implied PathPrefix `/`.
    package var matches: [HTTPRouteMatch]
    /// The rule wrote no `matches` (delegation with inheritance takes the parent's as they are).
    package var hasImpliedMatch: Bool
    package var filters: [HTTPRouteFilter]
    package var backendRefs: [BackendReference]
    package var timeouts: HTTPRouteTimeouts?
    /// The rule as a whole cannot be used and answers 500 on its matches.
    package var defect: String?

    package init(
        name: String? = nil, matches: [HTTPRouteMatch] = [HTTPRouteMatch()], hasImpliedMatch: Bool = false,
        filters: [HTTPRouteFilter] = [], backendRefs: [BackendReference] = [], timeouts: HTTPRouteTimeouts? = nil,
        defect: String? = nil
    ) {
        self.name = name
        self.matches = matches
        self.hasImpliedMatch = hasImpliedMatch
        self.filters = filters
        self.backendRefs = backendRefs
        self.timeouts = timeouts
        self.defect = defect
    }
}

package struct HTTPRouteTimeouts: Hashable, Sendable {
    /// Milliseconds; nil is unset, 0 is "no timeout" as written `0s`.
    package var request: UInt64?
    package var backendRequest: UInt64?

    package init(request: UInt64? = nil, backendRequest: UInt64? = nil) {
        self.request = request
        self.backendRequest = backendRequest
    }
}

package struct HTTPRouteMatch: Hashable, Sendable {
    /// nil when the match wrote no path: PathPrefix `/`, except where delegation asks whether it was written.
    package var path: PathMatch?
    package var headers: [ValueMatch]
    package var queryParams: [ValueMatch]
    package var method: String?
    /// The match cannot be compiled and matches nothing.
    package var defect: String?

    package init(
        path: PathMatch? = nil, headers: [ValueMatch] = [], queryParams: [ValueMatch] = [], method: String? = nil,
        defect: String? = nil
    ) {
        self.path = path
        self.headers = headers
        self.queryParams = queryParams
        self.method = method
        self.defect = defect
    }
}

package struct PathMatch: Hashable, Sendable {
    package enum Kind: String, Sendable {
        case exact = "Exact"
        case prefix = "PathPrefix"
        case regularExpression = "RegularExpression"
    }

    package var kind: Kind
    package var value: String

    package init(_ kind: Kind, _ value: String) {
        self.kind = kind
        self.value = value
    }
}

/// A header or query-parameter condition. Header names are lower-cased.
package struct ValueMatch: Hashable, Sendable {
    package var name: String
    package var value: String
    package var isRegularExpression: Bool

    package init(name: String, value: String, isRegularExpression: Bool = false) {
        self.name = name
        self.value = value
        self.isRegularExpression = isRegularExpression
    }
}
