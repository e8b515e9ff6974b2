internal import GatewayAPI

/// Turns a `RoutePlan` into the flat records of a `RouteTable`.
struct TableLayout {
    /// A host of more bytes is no DNS name (RFC 1035, 2.3.4); it is covered by frontends without hostname only.
    static let longestHost = 253

    let plan: RoutePlan
    let hashSeed = UInt64.random(in: .min ... .max)

    var text = TextStore()
    var expressions: ExpressionStore
    var rules = RuleLayout()
    var frontends: [Frontend] = []
    /// The first has no hosts: that of every frontend without matches.
    var spaces = [HostSpace(any: -1, isAnyOnly: true, wildcardLabels: 0)]
    /// Ports of a Service that have the same routes have one space.
    var spaceOf: [ArrayIdentity: Int32] = [:]
    var hosts: [HostRecord] = []
    var hostHashes: [UInt64] = []
    var buckets: [PathBucket] = []
    var bucketHashes: [UInt64] = []
    var matches: [MatchRecord] = []
    var conditions: [ConditionRecord] = []
    var listenerGroups: [ListenerGroup] = []
    var groupOwners: [ObjectKey] = []
    var serviceAddresses: [ServiceAddress] = []
    var inboundPorts: [InboundPortRecord] = []
    var inboundMembers: [InboundMember] = []
    var memberAddresses: [ServiceAddress] = []
    var memberRoutes: [TableText] = []

    init(plan: RoutePlan, expressions: ExpressionCache) {
        self.plan = plan
        self.expressions = ExpressionStore(expressions)
    }

    static func hostScope(_ space: Int32, isWildcard: Bool) -> UInt64 {
        UInt64(UInt32(bitPattern: space)) << 1 | (isWildcard ? 1 : 0)
    }

    static func pathScope(_ host: Int32, isExact: Bool) -> UInt64 {
        UInt64(UInt32(bitPattern: host)) << 1 | (isExact ? 1 : 0)
    }

    mutating func layOut() {
        layOutListeners()
        for service in plan.services { layOut(service) }
        for port in plan.inboundPorts { layOut(port) }
    }

    // MARK: Frontends

    private mutating func layOutListeners() {
        struct GroupKey: Hashable {
            var gateway: ObjectKey
            var port: UInt16
            var isTLS: Bool
        }
        var order: [GroupKey] = []
        var members: [GroupKey: [HostPattern: Int32]] = [:]
        for listener in plan.listeners where listener.isUsable {
            let key = GroupKey(gateway: listener.gateway, port: listener.port, isTLS: listener.tls != nil)
            let frontend = addFrontend(
                .listener, name: text.add("\(listener.gateway)/\(listener.name)"),
                routed: text.add("gateway \(listener.gateway) "),
                port: listener.port, isTLS: listener.tls != nil, matches: listener.matches,
                pathRules: listener.pathRules)
            if members[key] == nil { order.append(key) }
            // The planner leaves no two usable listeners of one hostname on a port; were there two, the first would
            // serve.
            let pattern = HostPattern(listener.hostname)
            if members[key]?[pattern] == nil { members[key, default: [:]][pattern] = frontend }
        }
        for key in order {
            let space = addSpace(Array((members[key] ?? [:]).keys))
            for (pattern, frontend) in members[key] ?? [:] {
                if let host = space.hosts[pattern] { hosts[Int(host)].target = frontend }
            }
            listenerGroups.append(ListenerGroup(port: key.port, isTLS: key.isTLS, space: space.index))
            groupOwners.append(key.gateway)
        }
    }

    private mutating func layOut(_ service: PlannedService) {
        let (name, routed) = text.add("\(service.service):\(service.port)", between: "mesh ", and: " ")
        let frontend = addFrontend(
            .service, name: name, routed: routed, port: service.port, appProtocol: service.appProtocol,
            isRouted: service.isRouted, isDeferred: service.isDeferred, backend: Int32(service.backend),
            matches: service.matches, pathRules: service.pathRules)
        for address in service.clusterIPs {
            serviceAddresses.append(ServiceAddress(address, port: service.port, frontend: frontend))
        }
    }

    private mutating func layOut(_ port: PlannedInboundPort) {
        let start = Int32(inboundMembers.count)
        for member in port.members {
            let frontend = addFrontend(
                .inboundMember, name: text.add("\(member.service):\(member.servicePort)"), port: port.port,
                appProtocol: port.appProtocol, backend: Int32(member.backend), matches: member.matches,
                pathRules: member.pathRules)
            inboundMembers.append(
                InboundMember(
                    frontend: frontend, servicePort: member.servicePort, enforcement: .init(member.enforcement),
                    isClosedToPeers: member.isClosedToPeers, backend: Int32(member.backend),
                    namespace: text.add(member.service.namespace),
                    name: text.add(member.service.name), addressStart: Int32(memberAddresses.count),
                    addressCount: Int32(member.clusterIPs.count), routeStart: Int32(memberRoutes.count),
                    routeCount: Int32(member.routes.count)))
            memberAddresses += member.clusterIPs.map {
                ServiceAddress($0, port: member.servicePort, frontend: frontend)
            }
            memberRoutes += member.routes.map { text.add($0.description) }
        }
        // Services that all leave enforcement to their callers protect nothing: a frontend without matches would answer
        // 404.
        let protects = port.members.contains { $0.enforcement != .off }
        let merged =
            protects
            ? addFrontend(
                .inboundMerged, name: text.add(":\(port.port)"), port: port.port, appProtocol: port.appProtocol,
                matches: port.mergedMatches, pathRules: port.mergedPathRules) : -1
        inboundPorts.append(
            InboundPortRecord(
                port: port.port, appProtocol: port.appProtocol, memberStart: start,
                memberCount: Int32(port.members.count), merged: merged))
    }

    private mutating func addFrontend(
        _ kind: Frontend.Kind, name: TableText, routed: TableText = TableText(), port: UInt16,
        appProtocol: AppProtocol = .http, isTLS: Bool = false, isRouted: Bool = true, isDeferred: Bool = false,
        backend: Int32 = -1, matches: [PlannedMatch], pathRules: PathRules
    ) -> Int32 {
        frontends.append(
            Frontend(
                kind: kind, isRouted: isRouted, isDeferred: isDeferred, appProtocol: appProtocol, isTLS: isTLS,
                port: port, backend: backend, name: name, routed: routed, space: layOutMatches(matches),
                pathRules: pathRules))
        return Int32(frontends.count - 1)
    }
}

extension InboundMember.Enforcement {
    init(_ enforcement: RouteEnforcement) {
        switch enforcement {
        case .all: self = .all
        case .mesh: self = .mesh
        case .off: self = .off
        }
    }
}
