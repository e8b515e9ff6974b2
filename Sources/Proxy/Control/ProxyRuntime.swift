internal import Balancing
internal import CLinux
internal import ControlHTTP
internal import GatewayAPI
internal import Glibc
internal import HTTP
internal import Interception
internal import Kubernetes
internal import Reactor
internal import Resolver
internal import Routing
internal import Telemetry

/// A running sidecar or gateway: the configuration thread, which is the calling one, and its workers.
package final class ProxyRuntime {
    let options: ProxyOptions
    let loop: EventLoop
    let metrics: Metrics
    let builder: SnapshotBuilder
    let source: any ResourceSource
    let publication = Publication()
    /// Services that workers have met and know no endpoints of.
    let demand: DiscoveryDemand
    /// What workers have found out of endpoints.
    let endpointReports = EndpointReports()
    let signals: SignalSource
    let accessLog: AccessLogSink
    private let accessLogWake: Wakeup
    var workers: [WorkerThread] = []
    let descriptors: DescriptorBudget
    /// Admin and telemetry.
    private var servers: [HTTPServer] = []
    var resolver: HostResolver?
    /// Nil at a gateway.
    var rulesWatch: RulesWatch?

    var latest: Snapshot?
    var history = PublicationHistory()
    /// It has been told that a worker is behind.
    var isBehindLogged = false
    /// It is about to be looked whether the workers serve what was published.
    var isServedCheckDue = false
    /// The first snapshot that has what this process serves; 0 before it.
    var servingSince: UInt64 = 0
    /// Has the plan's problems logged.
    let routesLog: ProblemReporter
    /// As the source's.
    let sourceLog: ProblemReporter
    var reloadLine = ReloadLine()
    /// Services used since the source was last told.
    var usedServices: Set<ObjectKey> = []
    /// Routes of Services that were called wait for the end of the pause to be compiled.
    var isCallDue = false
    /// Until when they wait.
    var calledRoutesPause: UInt64 = 0
    var drainDeadline: UInt64?
    /// What compilations took is about to be given back.
    var isReleaseDue = false
    /// When they were given back at once the last time.
    var releasedAt: UInt64 = 0

    package init(_ options: ProxyOptions) throws {
        var options = options
        descriptors = DescriptorBudget(limit: DescriptorLimit.raise())
        guard descriptors.isEnough else { throw TooFewDescriptors(limit: descriptors.limit) }
        options.workers = descriptors.workers(options.workers)
        options.limits.descriptorsPerWorker = descriptors.connections(workers: options.workers)
        options.limits.buffers = BufferBudget(
            configured: options.limits.bufferedBytes, memoryLimit: MemoryLimit.ofProcess(),
            machine: MemoryLimit.ofMachine(), workers: options.workers)
        self.options = options
        signals = try SignalSource([SIGTERM, SIGINT, SIGHUP])
        loop = try EventLoop()
        demand = try DiscoveryDemand()
        let names = MetricNames()
        metrics = Metrics(
            names: names, rejectionNames: Rejection.allCases.map { $0.label.description } + [RefusedPath.label],
            version: options.version)
        metrics.update { [limit = options.limits.buffers.limit, workers = options.workers] in
            $0.bufferLimit = UInt64(clamping: limit) &* UInt64(clamping: workers)
        }
        let source = options.source(loop)
        self.source = source
        let patience = source.isPiecemeal ? ProblemReporter.patience : 0
        routesLog = ProblemReporter(on: loop, patience: patience) { [role = options.role] in
            ProblemLines.log($0, "routes", of: role)
        }
        sourceLog = ProblemReporter(on: loop, patience: patience) { [role = options.role] in
            ProblemLines.log($0, "source", of: role)
        }
        builder = SnapshotBuilder(
            scope: options.scope, names: names, backends: options.backendPolicy,
            coverage: source.isLazy ? { source.coverage } : nil, defersRoutes: true)
        let wake = try Wakeup()
        accessLogWake = wake
        accessLog = AccessLogSink(descriptor: STDOUT_FILENO) { wake.signal() }
    }

    /// Runs until a signal ends it. Returns when everything is stopped.
    package func run() throws {
        weir_map_large_blocks()
        announceStart()
        openResolver()
        source.start(on: loop) { [unowned self] change in apply(change) }
        try openServers()
        try checkDoors()
        let inherited = reserveListeners()
        try Privileges.dropToProxyUser()
        try startWorkers(inherited)
        watchDemand()
        watchRules()
        loop.watch(signals.descriptor) { [unowned self] _ in takeSignals() }
        loop.watch(accessLogWake.descriptor) { [unowned self] _ in
            accessLogWake.drain()
            _ = accessLog.drain()
        }
        // What reading flags and manifests needed is not paid for while it serves.
        weir_release_code_pages()
        releaseWhileReading()
        loop.run { [unowned self] in turn() }
        for thread in workers { thread.join() }
        _ = accessLog.drain()
        Log.info("proxy", "stopped")
    }

    // MARK: Starting

    private func openResolver() {
        do throws(DNSClientError) {
            let resolver = HostResolver(client: try DNSClient(servers: options.resolvers), seed: Clock.now())
            self.resolver = resolver
            loop.watch(resolver.descriptor) { [unowned self] _ in stepResolver() }
        } catch {
            Log.error("resolver", "\(error); Backends with DNS hosts have no endpoints")
        }
    }

    private func openServers() throws {
        let admin = AdminRoutes(runtime: self)
        let telemetry = TelemetryRoutes(runtime: self)
        var adminLimits = HTTPServerLimits()
        adminLimits.connections = descriptors.serverConnections(adminLimits.connections, oneOf: 16)
        // Probes and hooks wait for what they ask about.
        var limits = HTTPServerLimits()
        limits.connections = descriptors.serverConnections(256, oneOf: 4)
        servers = [
            try ListenFailure.naming("--admin", options.admin) { (address) throws(SystemError) in
                try HTTPServer(address: address, loop: loop, limits: adminLimits) { $1.respond(admin.answer($0)) }
            },
            try ListenFailure.naming("--telemetry", telemetryAddress) { (address) throws(SystemError) in
                try HTTPServer(address: address, loop: loop, limits: limits) { telemetry.answer($0, $1) }
            },
        ]
        telemetry.server = servers.last
    }

    /// Any IPv4 address means any address: the kubelet asks a pod that has only IPv6 by that.
    private var telemetryAddress: SocketAddress {
        let address = options.telemetry
        guard !address.isIPv6, address.low == 0 else { return address }
        return ProxyOptions.anyAddress(port: address.port)
    }

    /// A second process at the doors that are known by now is a mistake: each would be given some of the connections.
    ///
    /// - Throws: `ListenFailure`.
    private func checkDoors() throws {
        let doors: [(String, SocketAddress?)] =
            switch options.role {
            case .sidecar(_, _, let outbound, let inbound):
                [
                    ("--outbound-port", ProxyOptions.anyAddress(port: outbound)),
                    ("--inbound-port", ProxyOptions.anyAddress(port: inbound)),
                ]
            case .gateway(let key, let bind, let offset):
                (latest?.routes.listenerPorts ?? []).map {
                    ("Gateway \(key): port \($0)", ReservedListener.gatewayAddress($0, bind: bind, offset: offset))
                }
            }
        for case (let name, let address?) in doors where !isOwnServer(address) {
            try ListenFailure.naming(name, address) { (address) throws(SystemError) in
                try options.doorPorts.checkFree(address)
            }
        }
    }

    /// Ports below 1024 can be bound only before privileges are given up: those that are known by then are.
    private func reserveListeners() -> [[ReservedListener]] {
        guard case .gateway(_, let bind, let offset) = options.role, let latest else {
            return Array(repeating: [], count: options.workers)
        }
        return (0..<options.workers).map { _ in
            latest.routes.listenerPorts.compactMap { port in
                let address = ReservedListener.gatewayAddress(port, bind: bind, offset: offset)
                guard let address, !isOwnServer(address) else { return nil }
                return ReservedListener.open(frontendPort: port, bind: bind, offset: offset, in: options.doorPorts)
            }
        }
    }

    /// A listener of a Gateway takes neither admin's nor telemetry's port: bound twice, the kernel would give
    /// connections of either to the other. The workers say which is not served.
    private func isOwnServer(_ address: SocketAddress) -> Bool {
        address.port == options.admin.port || address.port == options.telemetry.port
    }

    private func startWorkers(_ reserved: [[ReservedListener]]) throws(SystemError) {
        for position in 0..<options.workers {
            let shard = metrics.makeShard()
            let log = AccessLogBuffer(
                mode: options.accessLog, format: options.accessLogFormat, sink: accessLog, shard: shard)
            let worker = try Worker(
                options: options.workerOptions, shard: shard, publication: publication, control: WorkerControl(),
                accessLog: log, demand: demand, reports: endpointReports,
                reserved: reserved[position])
            let thread = WorkerThread(worker)
            try thread.start()
            // A snapshot may be out already.
            worker.wakeup.signal()
            workers.append(thread)
        }
        metrics.update { [options] in
            $0.connectionLimit = UInt64(clamping: options.shares.total * options.workers)
        }
    }
}
