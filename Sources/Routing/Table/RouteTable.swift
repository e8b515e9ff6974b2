internal import GatewayAPI

/// A `RoutePlan` laid out flat: what workers read to find frontend, rule and backend of a request.
///
/// Immutable once made, so any thread may read it. Everything on a request's path is plain values in buffers that this
/// object owns: matching counts no references, allocates nothing, takes no lock of ours. Indices that a method returns
/// are valid for the same table only; -1 always means "none".
///
/// Frontends and backends are numbered alike: those of the plan first, then the entries of the Service directory, which
/// stand for all Services that the plan has no frontend for. A Service that a route names has a number of each sort.
package final class RouteTable: @unchecked Sendable {
    let text: FlatBuffer<UInt8>
    let frontends: FlatBuffer<Frontend>
    let spaces: FlatBuffer<HostSpace>
    let hosts: FlatBuffer<HostRecord>
    let hostIndex: HashIndex
    let buckets: FlatBuffer<PathBucket>
    let pathIndex: HashIndex
    let matches: FlatBuffer<MatchRecord>
    let conditions: FlatBuffer<ConditionRecord>
    let expressions: FlatBuffer<ExpressionProgram>
    let rules: FlatBuffer<CompiledRule>
    let shares: FlatBuffer<Share>
    let edits: FlatBuffer<HeaderEdit>
    let rewrites: FlatBuffer<RewriteRecord>
    let redirects: FlatBuffer<RedirectRecord>
    let listenerGroups: FlatBuffer<ListenerGroup>
    let serviceAddresses: FlatBuffer<ServiceAddress>
    let serviceIndex: HashIndex
    let inboundPorts: FlatBuffer<InboundPortRecord>
    let inboundMembers: FlatBuffer<InboundMember>
    let memberAddresses: FlatBuffer<ServiceAddress>
    let memberRoutes: FlatBuffer<TableText>
    let hashSeed: UInt64
    /// Services without routes.
    let services: ServiceDirectory
    /// Number of the directory's first backend.
    let firstServiceBackend: Int32

    /// Keeps `expressions` alive.
    private let ownExpressions: [Expression]
    /// For people only (`describe`): never read on a request's path.
    let plannedRules: [PlannedRule]
    let groupOwners: [ObjectKey]

    /// - Parameters:
    ///   - services: those that the plan was told to leave out.
    ///   - expressions: has those that the planner compiled to judge them.
    package init(
        plan: RoutePlan, services: ServiceDirectory = .empty, expressions known: ExpressionCache = ExpressionCache()
    ) {
        var layout = TableLayout(plan: plan, expressions: known)
        layout.layOut()
        text = FlatBuffer(layout.text.bytes)
        frontends = FlatBuffer(layout.frontends)
        spaces = FlatBuffer(layout.spaces)
        hosts = FlatBuffer(layout.hosts)
        hostIndex = HashIndex(layout.hostHashes)
        buckets = FlatBuffer(layout.buckets)
        pathIndex = HashIndex(layout.bucketHashes)
        matches = FlatBuffer(layout.matches)
        conditions = FlatBuffer(layout.conditions)
        ownExpressions = layout.expressions.all
        expressions = FlatBuffer(ownExpressions.map(\.program))
        rules = FlatBuffer(layout.rules.rules)
        shares = FlatBuffer(layout.rules.shares)
        edits = FlatBuffer(layout.rules.edits)
        rewrites = FlatBuffer(layout.rules.rewrites)
        redirects = FlatBuffer(layout.rules.redirects)
        listenerGroups = FlatBuffer(layout.listenerGroups)
        serviceAddresses = FlatBuffer(layout.serviceAddresses)
        serviceIndex = HashIndex(layout.serviceAddresses.map { $0.hash(seed: services.hashSeed) })
        self.services = services
        firstServiceBackend = Int32(plan.backends.count)
        inboundPorts = FlatBuffer(layout.inboundPorts)
        inboundMembers = FlatBuffer(layout.inboundMembers)
        memberAddresses = FlatBuffer(layout.memberAddresses)
        memberRoutes = FlatBuffer(layout.memberRoutes)
        hashSeed = layout.hashSeed
        plannedRules = plan.rules
        groupOwners = layout.groupOwners
    }

    deinit {
        text.deallocate()
        frontends.deallocate()
        spaces.deallocate()
        hosts.deallocate()
        hostIndex.deallocate()
        buckets.deallocate()
        pathIndex.deallocate()
        matches.deallocate()
        conditions.deallocate()
        expressions.deallocate()
        rules.deallocate()
        shares.deallocate()
        edits.deallocate()
        rewrites.deallocate()
        redirects.deallocate()
        listenerGroups.deallocate()
        serviceAddresses.deallocate()
        serviceIndex.deallocate()
        inboundPorts.deallocate()
        inboundMembers.deallocate()
        memberAddresses.deallocate()
        memberRoutes.deallocate()
    }

    /// The bytes of a name this table holds, valid while the table lives.
    package func bytes(_ name: TableText) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            text.slice(Int32(truncatingIfNeeded: name.start), Int32(truncatingIfNeeded: name.length)))
    }

    package func string(_ name: TableText) -> String {
        String(decoding: bytes(name), as: UTF8.self)
    }

}
