internal import GatewayAPI

/// A run of bytes in the table's text store.
package struct TableText: BitwiseCopyable, Sendable {
    var start: UInt32 = 0
    var length: UInt32 = 0
}

/// What one entry of `RouteTable`'s frontends is.
package struct Frontend: BitwiseCopyable, Sendable {
    package enum Kind: UInt8, Sendable, BitwiseCopyable {
        case listener
        case service
        /// One Service that leads to an inbound port.
        case inboundMember
        /// The routes of all members of an inbound port.
        case inboundMerged
    }

    package var kind: Kind
    /// A request that no rule matches is answered 404 (else it is forwarded to `backend` as it is).
    package var isRouted: Bool
    /// Its routes are not in the table: a request has to wait for one that has them.
    package var isDeferred = false
    package var appProtocol: AppProtocol
    /// An HTTPS listener: requests came over TLS, and a redirect that names no scheme stays on https.
    package var isTLS: Bool
    /// The listener's port, the Service's port, or the pod's port.
    package var port: UInt16
    /// Where plain forwarding goes, the number of a backend; -1 when there is no such thing.
    package var backend: Int32
    /// Empty for one of the Service directory, which has its own: see `RouteTable.frontendName`.
    var name: TableText
    /// What `weir-routed` says of this frontend, with the space before the routes; empty for inbound frontends.
    var routed: TableText
    var space: Int32
    package var pathRules = PathRules.standard
}

/// One rule, as a request that matched it needs it.
package struct CompiledRule: BitwiseCopyable, Sendable {
    package enum Action: UInt8, Sendable, BitwiseCopyable {
        /// Draw a share with `pickBackend`; none can be drawn: 500.
        case forward
        /// Answer with `redirect`.
        case redirect
        /// 500; `RouteTable.describe` has the reason.
        case fail
    }

    // What every forwarded request reads comes first, within one cache line.
    package var action: Action
    package var shareCount: Int32
    var shareStart: Int32
    /// Rewrite of the rule itself; that of a drawn share replaces it.
    package var rewrite: Int32
    var totalWeight: UInt64
    /// Nanoseconds; 0 is none.
    package var requestTimeout: UInt64
    package var backendTimeout: UInt64
    /// The chain of HTTPRoutes, as `weir-routed` lists them.
    var routes: TableText
    /// `namespace/route` of the route that owns the rule, for logs and metrics.
    package var ownerKey: TableText
    /// The rule's place in that route, and its name there if it has one.
    package var ownerRule: Int32
    package var ruleName: TableText
    /// For `.redirect`, else -1.
    package var redirect: Int32
    /// Position in the plan's rules.
    package var planned: Int32
    var requestEdits: EditRange
    var responseEdits: EditRange
}

/// One weighted backend of a rule.
package struct Share: BitwiseCopyable, Sendable {
    package enum Kind: UInt8, Sendable, BitwiseCopyable {
        case backend
        case redirect
        /// The share answers 500.
        case invalid
    }

    package var kind: Kind
    /// Position in the plan's backends; -1 unless `kind` is `.backend`.
    package var backend: Int32
    /// -1 unless `kind` is `.redirect`.
    package var redirect: Int32
    /// -1 when neither the rule nor the share rewrites.
    package var rewrite: Int32
    /// Sum of the weights up to and including this share.
    var weightEnd: UInt64
    var requestEdits: EditRange
    var responseEdits: EditRange
}

/// Header edits in a row.
struct EditRange: BitwiseCopyable {
    var start: Int32 = 0
    var count: Int32 = 0
    /// Bit `length & 63` is set for every name that is set or removed: most names of a request are told apart by it.
    var removedLengths: UInt64 = 0
}

/// How a path is replaced.
struct PathEdit: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
        case keep
        case full
        case prefix
    }

    var kind = Kind.keep
    /// The matched prefix without its trailing `/`.
    var prefixLength: Int32 = 0
    var replacement = TableText()
}

struct RewriteRecord: BitwiseCopyable {
    var hasHostname: Bool
    var hostname: TableText
    var path: PathEdit
}

struct RedirectRecord: BitwiseCopyable {
    var status: UInt16
    var scheme: TableText
    var hostname: TableText
    /// 0 when not written.
    var port: UInt16
    var path: PathEdit
}

/// One hostname of one frontend (its paths), or of one listener group (its listener).
struct HostRecord: BitwiseCopyable {
    var space: Int32
    var isWildcard: Bool
    /// Lower-cased; without `*.` for a wildcard, empty for "any".
    var name: TableText
    /// The listener's frontend in a listener group, else -1.
    var target: Int32
    /// The next less specific host of the same space that also covers this one; -1 ends.
    var next: Int32
    /// Bit n: a prefix of n path elements exists (63 stands for all deeper ones).
    var prefixDepths: UInt64
    /// Lengths beyond which no prefix, no exact path can match; -1 when there is none at all.
    var longestPrefix: Int32
    var longestExact: Int32
    /// The bucket of PathPrefix `/`, -1 without.
    var rootBucket: Int32
    var expressionStart: Int32
    var expressionCount: Int32
}

struct HostSpace: BitwiseCopyable {
    var any: Int32
    /// Neither precise nor wildcard hostnames exist: `any` is the answer without a look at the host.
    var isAnyOnly: Bool
    /// Bit n: a wildcard with n labels after the `*.` exists (63 stands for all longer ones).
    var wildcardLabels: UInt64
}

/// All matches of one path value under one host.
struct PathBucket: BitwiseCopyable {
    var host: Int32
    var isExact: Bool
    var path: TableText
    var matchStart: Int32
    var matchCount: Int32
    /// For a prefix: the bucket of the nearest shorter prefix of the same host; -1 ends.
    var parent: Int32
}

struct MatchRecord: BitwiseCopyable {
    var method: TableText
    var conditionStart: Int32
    var headerCount: Int32
    var queryCount: Int32
    var rule: Int32
    /// For matches by expression: the compiled path, and what its text must begin with. -1 without one, and for one
    /// that is beyond a limit.
    var pathExpression: Int32
    var pathLiteral: TableText
    /// Some expression is beyond a limit: the match may hold where all else of it does.
    var isUndecided: Bool
}

struct ConditionRecord: BitwiseCopyable {
    var name: TableText
    var value: TableText
    /// -1 compares with `value`.
    var expression: Int32
}

struct InboundPortRecord: BitwiseCopyable {
    var port: UInt16
    var appProtocol: AppProtocol
    var memberStart: Int32
    var memberCount: Int32
    var merged: Int32
}

/// One Service that leads to an inbound port.
package struct InboundMember: BitwiseCopyable, Sendable {
    package var frontend: Int32
    package var servicePort: UInt16
    package var enforcement: Enforcement
    /// See `PlannedInboundMember`.
    var isClosedToPeers: Bool
    /// Position in the plan's backends: a rule that draws it stays in this pod.
    package var backend: Int32
    var namespace: TableText
    var name: TableText
    var addressStart: Int32
    var addressCount: Int32
    var routeStart: Int32
    var routeCount: Int32

    /// `RouteEnforcement` as a byte.
    package enum Enforcement: UInt8, Sendable, BitwiseCopyable {
        case all
        case mesh
        case off
    }
}

/// A ClusterIP and port, and what they lead to.
struct ServiceAddress: BitwiseCopyable {
    var high: UInt64
    var low: UInt64
    var isIPv6: Bool
    var port: UInt16
    var frontend: Int32

    init(_ address: IPAddress, port: UInt16, frontend: Int32) {
        high = address.high
        low = address.low
        isIPv6 = address.isIPv6
        self.port = port
        self.frontend = frontend
    }

    var address: IPAddress { IPAddress(high: high, low: low, isIPv6: isIPv6) }

    @inline(__always)
    func isSame(as other: ServiceAddress) -> Bool {
        low == other.low && high == other.high && port == other.port && isIPv6 == other.isIPv6
    }

    @inline(__always)
    func hash(seed: UInt64) -> UInt64 {
        let low = ByteHash.finish(low ^ seed, UInt64(port) << 1 | (isIPv6 ? 1 : 0))
        return ByteHash.finish(high ^ seed, low)
    }
}

extension AppProtocol: BitwiseCopyable {}
