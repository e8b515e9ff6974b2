import Balancing
import GatewayAPI
import Glibc
import HTTP
import Telemetry

@testable import Proxy
@testable import Reactor
@testable import Routing

/// A worker on a thread of its own that serves a hand-made snapshot.
final class TestProxy {
    let worker: Worker
    let shard: MetricsShard
    /// What the worker asks the configuration thread for.
    let demand: DiscoveryDemand
    /// Where clients of the gateway door connect.
    let port: UInt16
    private let thread: WorkerThread
    private let publication = Publication()
    private let sink = AccessLogSink(descriptor: -1)
    private var isRunning = false

    static let frontendPort: UInt16 = 80

    init(
        limits: ProxyLimits = .patient, accessLog: AccessLogMode = .off,
        trusted: TrustedPeers = .none, mode: WorkerOptions.Mode? = nil, sendBuffer: Int32? = nil,
        readBytes: Int? = nil
    ) throws {
        let loopback = SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false)
        let listener = try ListeningSocket.open(loopback)
        // Accepted connections have the listener's.
        if var size = sendBuffer {
            setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        port = Socket.localAddress(listener)?.port ?? 0
        var options = WorkerOptions(mode: mode ?? .gateway(bind: loopback, portOffset: 0, ownAddresses: []))
        options.limits = limits
        options.trustedPeers = trusted
        if let readBytes { options.readBytes = readBytes }
        shard = MetricsShard()
        demand = try DiscoveryDemand()
        worker = try Worker(
            options: options, shard: shard, publication: publication, control: WorkerControl(),
            accessLog: AccessLogBuffer(mode: accessLog, format: .json, sink: sink, shard: shard),
            demand: demand, reserved: [ReservedListener(frontendPort: TestProxy.frontendPort, fd: listener)])
        thread = WorkerThread(worker)
    }

    deinit { stop() }

    /// Starts the thread and waits until it serves the snapshot.
    func start(_ snapshot: Snapshot) throws {
        isRunning = true
        try thread.start()
        publication.publish(snapshot)
        worker.wakeup.signal()
        let version = snapshot.version
        guard eventually({ worker.control.adoptedVersion == version }) else {
            throw Peer.Stalled(description: "the snapshot was not adopted")
        }
    }

    /// Serves events on the caller's thread, before the worker has its own, until a condition holds and nothing is
    /// queued.
    func step(until condition: () -> Bool) throws {
        let isReached = eventually {
            worker.serveEvents(waiting: 0)
            return condition() && worker.queue.isEmpty
        }
        guard isReached else { throw Peer.Stalled(description: "the events that were waited for did not come") }
    }

    /// Hands the running worker another snapshot.
    func publish(_ snapshot: Snapshot) {
        publication.publish(snapshot)
        worker.wakeup.signal()
    }

    func drain() {
        worker.control.drain()
        worker.wakeup.signal()
    }

    func stop() {
        guard isRunning else { return }
        isRunning = false
        worker.control.stop()
        worker.wakeup.signal()
        thread.join()
    }

    func client(receiveBuffer: Int32? = nil) throws -> Peer {
        try Peer(connectingTo: port, receiveBuffer: receiveBuffer)
    }

    /// Hands the worker, before it is started, a connection that stands at a sidecar's door with its destination known.
    func admit(
        _ door: Door, destination: SocketAddress, _ snapshot: Snapshot, enter: (Worker, Int32) -> Void
    ) throws -> Peer {
        let meeting = try TestServer()
        let client = try Peer(connectingTo: meeting.port)
        var peer = SocketAddress.none
        guard let fd = Socket.accept(meeting.fd, peer: &peer), fd >= 0,
            let index = worker.takeClientPlace(door, for: peer)
        else { throw SystemError("accept") }
        if worker.snapshots.current < 0 {
            worker.snapshots.adopt(snapshot)
            worker.pools.reserve(endpoints: snapshot.endpoints.idCapacity)
            worker.balancer.reserve(ids: snapshot.endpoints.idCapacity)
        }
        worker.now = Clock.now()
        let connection = worker.connections[index]
        connection.pointee.fd = fd
        connection.pointee.generation = worker.nextGeneration()
        connection.pointee.remote = peer
        connection.pointee.destination = destination
        connection.pointee.lastActivity = worker.now
        shard.add(.connectionsActive, door)
        let token = Token(.connection, index: index, generation: connection.pointee.generation)
        _ = worker.poller.add(fd, token: token.rawValue)
        enter(worker, index)
        return client
    }
}

/// Plans of one listener or one inbound port, enough to serve requests.
struct TestPlan {
    var matches: [PlannedMatch] = []
    var rules: [PlannedRule] = []
    /// Ports on loopback behind backend 0.
    var endpoints: [UInt16]
    /// Further addresses behind backend 0.
    var hosts: [Backend.Host] = []
    /// Shared by plans whose endpoints are to have numbers of their own.
    var registry = EndpointRegistry()

    static let backend = ObjectKey(namespace: "test", name: "backend")
    static let route = ObjectKey(namespace: "test", name: "route")

    /// No match at all.
    init(endpoints: [UInt16], registry: EndpointRegistry) {
        self.endpoints = endpoints
        self.registry = registry
    }

    /// One prefix that is forwarded to the endpoints.
    init(_ prefix: String = "/app", endpoints: [UInt16], timeouts: HTTPRouteTimeouts = HTTPRouteTimeouts()) {
        self.endpoints = endpoints
        add(prefix, .forward([PlannedBackend(target: .backend(0), weight: 1)]), timeouts: timeouts)
    }

    mutating func add(
        _ prefix: String, _ action: PlannedRule.Action, requestHeaders: [HeaderModifier] = [],
        responseHeaders: [HeaderModifier] = [], rewrite: URLRewrite? = nil,
        timeouts: HTTPRouteTimeouts = HTTPRouteTimeouts()
    ) {
        let rank = PlannedMatch.Rank(
            rootCreation: 0, root: TestPlan.route, ownerCreation: 0, owner: TestPlan.route, ruleIndex: rules.count,
            matchIndex: 0)
        matches.append(PlannedMatch(path: PathMatch(.prefix, prefix), rule: rules.count, rank: rank))
        rules.append(
            PlannedRule(
                origin: RuleOrigin(chain: [TestPlan.route], ruleIndex: rules.count), action: action,
                requestHeaders: requestHeaders, responseHeaders: responseHeaders, rewrite: rewrite, timeouts: timeouts))
    }

    func gateway(version: UInt64 = 1, pathRules: PathRules = .standard) -> Snapshot {
        var plan = RoutePlan()
        plan.listeners = [
            PlannedListener(
                gateway: ObjectKey(namespace: "test", name: "gateway"), name: "http", port: TestProxy.frontendPort,
                hostname: nil, matches: matches, isUsable: true)
        ]
        plan.listeners[0].pathRules = pathRules
        return snapshot(of: plan, version: version)
    }

    /// The pod's own port, protected by these matches, or by none when the plan has no rule.
    func inbound(port: UInt16, version: UInt64 = 1) -> Snapshot {
        var plan = RoutePlan()
        if !matches.isEmpty {
            let member = PlannedInboundMember(
                service: TestPlan.backend, servicePort: port, clusterIPs: [], enforcement: .all, backend: 0,
                matches: matches, routes: [TestPlan.route])
            plan.inboundPorts = [
                PlannedInboundPort(port: port, appProtocol: .detect, members: [member], mergedMatches: matches)
            ]
        }
        return snapshot(of: plan, version: version)
    }

    /// A Service at a ClusterIP, routed by these matches; nothing declares its protocol.
    func outbound(address: IPAddress, port: UInt16, version: UInt64 = 1) -> Snapshot {
        var plan = RoutePlan()
        plan.services = [
            PlannedService(
                service: TestPlan.backend, port: port, clusterIPs: [address], appProtocol: .detect, backend: 0,
                isRouted: true, matches: matches)
        ]
        return snapshot(of: plan, version: version)
    }

    private func snapshot(of unfinished: RoutePlan, version: UInt64) -> Snapshot {
        var plan = unfinished
        plan.rules = rules
        plan.backends = [.backend(TestPlan.backend)]
        var resources = ResourceSet()
        resources.backends[TestPlan.backend] = Backend(
            metadata: ObjectMeta(key: TestPlan.backend),
            hosts: endpoints.map { Backend.Host(host: "127.0.0.1", port: $0) } + hosts)
        let table = EndpointTable(
            backends: [.backend(TestPlan.backend)], resources: resources, registry: registry
        ) { _ in [] }
        return Snapshot(
            version: version, routes: RouteTable(plan: plan), endpoints: table,
            labels: MetricLabels(routes: rules.map { _ in 0 }, backendNames: ["test"], numbers: MetricNames()))
    }
}
