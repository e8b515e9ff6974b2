package import Balancing
internal import HTTP
package import Reactor
internal import Routing
package import Telemetry

/// One thread's share of the data path: its own poller, timers, connections, pools, buffers and counters. Nothing here
/// is reached from another thread but through `Wakeup`, `Publication` and the relaxed counters.
///
/// The life of a request is spread over the extensions by phase: accept, detect, read head, route, forward, respond,
/// record.
package final class Worker {
    let options: WorkerOptions
    let limits: ProxyLimits
    let upstreamKeepalive: Keepalive
    let leastRate: LeastRate
    /// No idle limit is nearer than the timer wheel's horizon.
    let hasDistantIdleLimits: Bool
    let shard: MetricsShard
    let publication: Publication
    package let wakeup: Wakeup
    package let control: WorkerControl

    let poller: Poller
    let wheel: TimerWheel
    let connectionSlab: Slab<Connection>
    let exchangeSlab: Slab<Exchange>
    /// The slabs' values by index.
    let connections: SlabView<Connection>
    let exchanges: SlabView<Exchange>
    let buffers = BufferPool()
    let budget: BufferBudget
    /// What TLS sessions take.
    var sessionBytesHeld = 0
    /// Who lets go of bytes next.
    var byteHolders = EvictionList<ByteHolder>()
    /// When, after those who were found had not enough of them, it is looked again.
    var sheddingPausedUntil: UInt64 = 0
    var pools = TargetPools()
    var snapshots = SnapshotSlots()
    /// Requests that have let go of their snapshot.
    var detached: [Int32: DetachedRoute] = [:]
    /// How Services whose endpoints are not known are asked for.
    let demand: DiscoveryDemand
    /// Clients whose Service's endpoints are being read, or its routes compiled.
    var undiscovered: [UInt64] = []
    /// Backends whose endpoints did not come in time, and until when nothing waits for them any more. By the positions
    /// of the snapshot that is served.
    var discoveryPauses: [Int32: UInt64] = [:]
    var balancer: EndpointStates
    /// What the workers tell each other of endpoints, and how much of it this one has taken over.
    let reports: EndpointReports
    var adoptedReports: UInt64 = 0
    var listeners: [DoorListener] = []
    /// Who may hold how many connections.
    var shares: ConnectionShares
    /// The clients of each door by address.
    var peers = Door.allCases.map { _ in PeerShares() }
    /// Clients that make room next, and when it is looked for others, for each door.
    var evictions = Door.allCases.map { _ in EvictionList<Expendable>() }
    var evictionsPausedUntil = Door.allCases.map { _ in UInt64(0) }
    /// Connections to endpoints that make room next, for each door.
    var idleOrders = Door.allCases.map { _ in IdleOrder() }
    /// Clients that were accepted and wait for a place.
    var newcomers: [Newcomer] = []
    var newcomersDueAt: UInt64 = 0
    /// Sockets bound before privileges were given up, until a snapshot asks for them.
    var reserved: [ReservedListener]

    /// What one read may bring; shared by all connections, never kept over an event.
    let scratch: UnsafeMutableRawBufferPointer
    /// The part of it that one read fills.
    var readRoom: UnsafeMutableRawBufferPointer
    /// Where heads that pass through and framed bodies are composed.
    let outgoing: UnsafeMutableRawBufferPointer
    /// Where answers of our own are composed. They have a room of their own because a connection may have to make room
    /// for another's in the middle of that one's request, whose head stands composed in `outgoing`.
    let answers: UnsafeMutableRawBufferPointer
    /// Where addresses are written for the log; apart from `pathScratch` for the same reason.
    let addressScratch: UnsafeMutableRawBufferPointer
    /// Where a request's path is normalised or rewritten.
    let pathScratch: UnsafeMutableRawBufferPointer
    let viewFields: UnsafeMutableBufferPointer<RequestView.Field>
    let dateClock = DateClock()
    let requestHead = RequestHead()
    let responseHead = ResponseHead()

    /// The kernel had more events than one batch takes: what pooled connections have received may not have been told
    /// yet.
    var hasUnseenEvents = false
    /// Connections to serve again after the current batch of events.
    var queue: [UInt64] = []
    /// What finding rules has taken in the present turn.
    var effort = MatchEffort()
    /// Requests whose rules take long to find; whether one of them is being served, and what they have taken in the
    /// present round.
    var costly = CostlyLanes()
    var isCostlyTurn = false
    var costlyTime: UInt64 = 0
    var now: UInt64
    var random: SplitMix64
    var adoptedVersion: UInt64 = 0
    var generation: UInt32 = 0
    var tunnels = 0
    /// Client connections that have had their last answer, and of whose bytes some may not have arrived.
    var departing = 0
    var isDraining = false
    /// Until then a draining worker waits for the first requests of those who were let in.
    var firstRequestsUntil: UInt64 = 0
    /// The pod is going: every answer at the inbound door ends its connection.
    var isLeaving = false
    var acceptPausedUntil: UInt64 = 0
    /// When doors that could not be bound are tried again; 0 when all are open.
    var doorsRetryAt: UInt64 = 0
    /// When a draining worker lets nobody in any more; 0 when it does not drain, or has done so.
    var doorsCloseAt: UInt64 = 0
    let accessLog: AccessLogBuffer

    package init(
        options: WorkerOptions, shard: MetricsShard, publication: Publication, control: WorkerControl,
        accessLog: AccessLogBuffer, demand: DiscoveryDemand, reports: EndpointReports = EndpointReports(),
        reserved: [ReservedListener] = []
    ) throws(SystemError) {
        self.options = options
        limits = options.limits
        budget = options.limits.buffers
        leastRate = LeastRate(
            bytesPerSecond: options.limits.bodyLeastRate, grace: options.limits.bodyIdleTimeout)
        upstreamKeepalive = Keepalive(after: options.limits.upstreamKeepalive)
        // What waits for a client is looked at after half of the time that it may be silent.
        hasDistantIdleLimits = min(limits.bodyIdleTimeout / 2, limits.clientIdleTimeout) > TimerWheel.horizon
        self.shard = shard
        self.publication = publication
        self.control = control
        self.accessLog = accessLog
        self.demand = demand
        self.reports = reports
        self.reserved = reserved
        wakeup = try Wakeup()
        poller = try Poller()
        now = Clock.now()
        wheel = TimerWheel(now: now)
        shares = ConnectionShares(
            limit: options.limits.connectionsPerWorker, descriptors: options.limits.descriptorsPerWorker,
            doors: options.doors)
        connectionSlab = Slab(limit: shares.total, blank: Connection())
        exchangeSlab = Slab(limit: shares.total, blank: Exchange())
        connections = SlabView(connectionSlab)
        exchanges = SlabView(exchangeSlab)
        balancer = EndpointStates()
        scratch = .allocate(byteCount: options.readBytes, alignment: 16)
        readRoom = scratch
        outgoing = .allocate(byteCount: BufferPool.large, alignment: 16)
        answers = .allocate(byteCount: BufferPool.large, alignment: 16)
        addressScratch = .allocate(byteCount: 2 * Worker.addressRoom, alignment: 16)
        pathScratch = .allocate(byteCount: 2 * limits.http.targetBytes + 4096, alignment: 16)
        viewFields = .allocate(capacity: FieldTable.capacity)
        random = SplitMix64(seed: now ^ UInt64(UInt(bitPattern: scratch.baseAddress)))
        queue.reserveCapacity(1024)
        _ = poller.addReadable(wakeup.descriptor, token: Token(.wakeup, index: 0).rawValue)
    }

    deinit {
        scratch.deallocate()
        outgoing.deallocate()
        answers.deallocate()
        addressScratch.deallocate()
        pathScratch.deallocate()
        viewFields.deallocate()
    }

    /// Runs until told to stop, or, while draining, until nothing is in flight.
    package func run() {
        while !control.isStopped {
            serveEvents(waiting: waitTime())
            expireTimers()
            takeOrders()
            admitNewcomers()
            resumeAccepting()
            retryDoors()
            closeDoorsLate()
            reportBuffers()
            accessLog.flushIfAged(now: now)
            if isDraining && isDrained { break }
        }
        closeListeners()
        closeNewcomers()
        accessLog.flush()
        control.finish()
    }

    /// What has happened within `milliseconds` (-1: what happens next), and what was queued before or by it.
    func serveEvents(waiting milliseconds: Int32) {
        let count = poller.wait(milliseconds: milliseconds)
        costlyTime = 0
        hasUnseenEvents = count == Poller.batch
        now = Clock.now()
        adoptReports()
        for position in 0..<count { noteUnasked(poller.event(position)) }
        for position in 0..<count {
            dispatch(poller.event(position))
            keepBudget()
        }
        let isIdle = count == 0 && queue.isEmpty
        serveQueue()
        serveCostly(isIdle: isIdle)
    }

    /// Nothing is in flight any more, answers on their way to the client included.
    private var isDrained: Bool {
        exchangeSlab.count == 0 && tunnels == 0 && departing == 0 && queue.isEmpty && costly.isEmpty
            && !isAnybodyWaiting && !isFirstRequestAwaited
    }

    private func waitTime() -> Int32 {
        if !queue.isEmpty || !costly.isEmpty { return 0 }
        let timers = wheel.millisecondsToNext(now: now)
        var wait = timers < 0 ? Int32.max : timers
        if acceptPausedUntil > 0 || doorsCloseAt > 0 || isDraining { wait = min(wait, 100) }
        if !newcomers.isEmpty {
            let due = newcomersDueAt > now ? (newcomersDueAt - now) / ProxyLimits.millisecond + 1 : 0
            wait = min(wait, Int32(clamping: due))
        }
        if doorsRetryAt > 0 { wait = min(wait, 1000) }
        if let deadline = accessLog.deadline {
            let milliseconds = deadline <= now ? 0 : (deadline - now) / ProxyLimits.millisecond + 1
            wait = min(wait, Int32(clamping: milliseconds))
        }
        return wait == Int32.max ? -1 : wait
    }

    /// Marks pooled connections on which something has come, before any request of this batch takes one: its answer
    /// would be what nobody has asked for.
    private func noteUnasked(_ event: Poller.Event) {
        let token = Token(rawValue: event.token)
        guard token.kind == Token.Kind.connection.rawValue else { return }
        let connection = connections[token.index]
        guard connection.pointee.fd >= 0, connection.pointee.phase == .idle,
            connection.pointee.generation & Token.generationMask == token.generation
        else { return }
        if event.isReadable || event.isHungUp { connection.pointee.flags.insert(.readable) }
    }

    private func dispatch(_ event: Poller.Event) {
        let token = Token(rawValue: event.token)
        switch token.kind {
        case Token.Kind.connection.rawValue:
            let connection = connections[token.index]
            guard connection.pointee.fd >= 0,
                connection.pointee.generation & Token.generationMask == token.generation
            else { return }
            if connection.pointee.role == .client {
                clientEvent(token.index, event)
            } else {
                upstreamEvent(token.index, event)
            }
        case Token.Kind.listener.rawValue:
            acceptConnections(on: Int(token.index))
        default:
            wakeup.drain()
        }
    }

    /// What a connection may do before the others have their turn: reads, or requests of one read, as long as their
    /// rules are found in little time altogether.
    static var stepsPerTurn: Int { 16 }

    /// Repeats a step of a connection's work until it says that there is nothing more to do now, or the turn is over. A
    /// peer that sends as fast as it is read, or sends a thousand requests at once, must not hold up everybody else's.
    @inline(__always)
    func takeTurn(_ index: Int32, _ step: () -> Bool) {
        let connection = connections[index]
        effort.steps = 0
        for _ in 0..<Worker.stepsPerTurn {
            guard connection.pointee.fd >= 0, step() else { return }
            if effort.steps >= MatchEffort.brief { break }
        }
        if connection.pointee.fd >= 0 { enqueue(index) }
    }

    /// Notes that a connection has more to do, without doing it inside the current call.
    func enqueue(_ index: Int32) {
        let connection = connections[index]
        guard !connection.pointee.flags.contains(.queued) else { return }
        connection.pointee.flags.insert(.queued)
        queue.append(Token(.connection, index: index, generation: connection.pointee.generation).rawValue)
    }

    private func serveQueue() {
        var position = 0
        // Serving may queue more; a bound per batch keeps one busy pair from starving the others.
        let end = queue.count
        while position < end {
            let token = Token(rawValue: queue[position])
            position += 1
            let connection = connections[token.index]
            guard connection.pointee.fd >= 0,
                connection.pointee.generation & Token.generationMask == token.generation
            else { continue }
            connection.pointee.flags.remove(.queued)
            if connection.pointee.role == .client { serveClient(token.index) } else { serveUpstream(token.index) }
            keepBudget()
        }
        queue.removeFirst(end)
    }

    /// Snapshots, draining: what other threads want of this one.
    private func takeOrders() {
        if publication.publishedVersion != adoptedVersion, let snapshot = publication.latest() {
            adopt(snapshot)
            adoptedVersion = snapshot.version
            pools.reserve(endpoints: snapshot.endpoints.idCapacity)
            balancer.reserve(ids: snapshot.endpoints.idCapacity)
            openListeners(for: snapshot)
            serveDiscovered()
            control.adopted(snapshot.version)
        }
        if control.isLeaving && !isLeaving { beginLeaving() }
        if control.isDraining && !isDraining { beginDraining() }
    }
}
