internal import Balancing
internal import CLinux
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
    let publication = Publication()
    /// Services that workers have met and know no endpoints of.
    private let demand: DiscoveryDemand
    private let signals: SignalSource
    private let accessLog: AccessLogSink
    private let accessLogWake: Wakeup
    private var workers: [WorkerThread] = []
    private var responders: [HTTPResponder] = []

    private var folder: ManifestFolder
    private var watcher: ManifestWatcher?
    private var resolver: HostResolver?
    private(set) var latest: Snapshot?
    /// The first snapshot that has what this process serves; 0 before it.
    private var servingSince: UInt64 = 0
    /// The plan's errors that are in the log already.
    private var reported: Set<Problem> = []
    private var drainDeadline: UInt64?
    private var lastScan: UInt64 = 0

    /// Without a working watch the folder is looked at this often.
    private static let pollInterval = ProxyLimits.second

    package init(_ options: ProxyOptions) throws {
        var options = options
        options.limits.connectionsPerWorker = DescriptorLimit.connections(
            options.limits.connectionsPerWorker, workers: options.workers)
        self.options = options
        signals = try SignalSource([SIGTERM, SIGINT, SIGHUP])
        loop = try EventLoop()
        demand = try DiscoveryDemand()
        let names = MetricNames()
        metrics = Metrics(
            names: names, rejectionNames: Rejection.allCases.map { $0.label.description } + [RefusedPath.label],
            version: options.version)
        builder = SnapshotBuilder(scope: options.scope, names: names)
        let wake = try Wakeup()
        accessLogWake = wake
        accessLog = AccessLogSink(descriptor: STDOUT_FILENO) { wake.signal() }
        folder = ManifestFolder(path: options.manifests)
    }

    /// Runs until a signal ends it. Returns when everything is stopped.
    package func run() throws {
        openWatcher()
        openResolver()
        let first = readSource(.anything)
        try openResponders()
        let inherited = reserveListeners(first)
        try Privileges.dropToProxyUser()
        try startWorkers(inherited)
        if let first { publish(first) }
        loop.watch(signals.descriptor) { [unowned self] _ in takeSignals() }
        loop.watch(accessLogWake.descriptor) { [unowned self] _ in
            accessLogWake.drain()
            _ = accessLog.drain()
        }
        // What reading flags and manifests needed is not paid for while it serves.
        weir_release_code_pages()
        loop.run { [unowned self] in turn() }
        for thread in workers { thread.join() }
        _ = accessLog.drain()
        Log.info("proxy", "stopped")
    }

    // MARK: Starting

    private func openWatcher() {
        do throws(FileError) {
            let watcher = try ManifestWatcher(path: options.manifests)
            self.watcher = watcher
            loop.watch(watcher.fileDescriptor) { [unowned self] _ in reload(watcher.drain()) }
        } catch {
            Log.warn(
                "source", "\(options.manifests): cannot be watched (\(error.message)); it is looked at once a second")
        }
    }

    private func openResolver() {
        do throws(DNSClientError) {
            let resolver = HostResolver(client: try DNSClient(servers: options.resolvers), seed: Clock.now())
            self.resolver = resolver
            loop.watch(resolver.descriptor) { [unowned self] _ in stepResolver() }
        } catch {
            Log.error("resolver", "\(error); Backends with DNS hosts have no endpoints")
        }
    }

    private func openResponders() throws {
        let admin = AdminRoutes(runtime: self)
        let telemetry = TelemetryRoutes(runtime: self)
        responders = [
            try HTTPResponder(address: options.admin, loop: loop) { admin.answer($0) },
            try HTTPResponder(address: options.telemetry, loop: loop) { telemetry.answer($0) },
        ]
    }

    /// Ports below 1024 can be bound only before privileges are given up: those of the first snapshot are.
    private func reserveListeners(_ snapshot: Snapshot?) -> [[ReservedListener]] {
        guard case .gateway(_, let bind, let offset) = options.role, let snapshot else {
            return Array(repeating: [], count: options.workers)
        }
        return (0..<options.workers).map { _ in
            snapshot.routes.listenerPorts.compactMap { port in
                ReservedListener.open(frontendPort: port, bind: bind, offset: offset)
            }
        }
    }

    private func startWorkers(_ reserved: [[ReservedListener]]) throws(SystemError) {
        for position in 0..<options.workers {
            let shard = metrics.makeShard()
            let log = AccessLogBuffer(
                mode: options.accessLog, format: options.accessLogFormat, sink: accessLog, shard: shard)
            let worker = try Worker(
                options: options.workerOptions, shard: shard, publication: publication, control: WorkerControl(),
                accessLog: log, demand: demand,
                reserved: reserved[position])
            let thread = WorkerThread(worker)
            try thread.start()
            workers.append(thread)
        }
    }

    // MARK: Configuration

    private func readSource(_ hint: ManifestHint) -> Snapshot? {
        let change = folder.reload(hint)
        lastScan = Clock.now()
        if change.problemsChanged {
            report()
            metrics.update { $0.sourceProblems = UInt64(problems.count) }
        }
        metrics.update { $0.sourceHealthy = folder.isReadable }
        if change.routesChanged || latest == nil {
            let snapshot = builder.build(folder.resources, addresses: addresses)
            reportPlan()
            wantHosts()
            // Names that are addresses, or in the hosts file, are known at once.
            return resolver?.step(now: Clock.now()).isEmpty == false
                ? builder.build(folder.resources, addresses: addresses) : snapshot
        }
        guard !change.endpointsChanged.isEmpty else { return nil }
        return builder.update(folder.resources, services: change.endpointsChanged, addresses: addresses)
    }

    private func reload(_ hint: ManifestHint) {
        guard hint != .nothing, let snapshot = readSource(hint) else { return }
        publish(snapshot)
    }

    private func publish(_ snapshot: Snapshot) {
        latest = snapshot
        if servingSince == 0 && isSourceKnown { servingSince = snapshot.version }
        publication.publish(snapshot)
        for thread in workers { thread.worker.wakeup.signal() }
        metrics.update { process in
            process.snapshotVersion = snapshot.version
            process.snapshotNanoseconds = Clock.now()
            process.snapshotCompileNanoseconds = builder.compileNanoseconds
            process.sourceProblems = UInt64(problems.count)
        }
        Log.debug("source", "snapshot \(snapshot.version) published")
        if case .gateway(let key, _, _) = options.role, !isSourceKnown {
            Log.warn("source", "Gateway \(key) does not exist in \(options.manifests); not ready until it does")
        }
    }

    /// Everything wrong with the resources: what the loader found, and what the plan did.
    var problems: [Problem] { folder.problems + builder.latestPlan.problems }

    /// What has gone wrong with the plan since the last one, a bounded number of lines of it.
    private func reportPlan() {
        let errors = builder.latestPlan.problems.filter { $0.severity == .error }
        let fresh = errors.filter { !reported.contains($0) }
        reported = Set(errors)
        for problem in fresh.prefix(ProxyRuntime.reportedLines) { Log.error("routes", problem.oneLine) }
        if fresh.count > ProxyRuntime.reportedLines {
            Log.error("routes", "\(fresh.count - ProxyRuntime.reportedLines) more problems; weir check lists them")
        }
    }

    private static let reportedLines = 20

    private func report() {
        for problem in folder.problems where problem.severity == .error { Log.error("source", problem.oneLine) }
    }

    private func addresses(of host: String) -> [IPAddress] {
        (resolver?.addresses(of: host) ?? []).map(IPAddress.init(resolved:))
    }

    private func wantHosts() {
        for refused in resolver?.want(builder.hostNames(folder.resources), now: Clock.now()) ?? [] {
            Log.error(
                "resolver", "host \(refused): cannot be resolved (not a host name, or too many); it has no endpoints")
        }
    }

    private func stepResolver() {
        guard let resolver else { return }
        let changed = Set(resolver.step(now: Clock.now()))
        metrics.update { $0.resolverFailing = UInt64(resolver.failingNames) }
        guard !changed.isEmpty else { return }
        let backends = folder.resources.backends.values.filter { $0.hosts.contains { changed.contains($0.host) } }
        let snapshot = builder.update(
            folder.resources, services: Set(backends.map(\.metadata.key)), addresses: addresses)
        publish(snapshot)
    }

    // MARK: Running

    /// What has come due between events; returns how long to wait at most.
    private func turn() -> Int32 {
        let now = Clock.now()
        var wait = responders.map { $0.expire(now: now) }.filter { $0 >= 0 }.min() ?? Int32.max
        if let wake = resolver?.nextWake(now: now), wake <= now { stepResolver() }
        // Asked again: the questions just put have timeouts of their own.
        if let wake = resolver?.nextWake(now: now) { wait = min(wait, ProxyRuntime.milliseconds(max(wake, now) - now)) }
        if watcher == nil || watcher?.gap != nil {
            if now >= lastScan + ProxyRuntime.pollInterval { reload(.anything) }
            wait = min(wait, 1000)
        }
        if let drainDeadline {
            if workers.allSatisfy(\.worker.control.isFinished) {
                loop.stop()
            } else if now >= drainDeadline {
                Log.warn("proxy", "drain timeout: requests in flight are cut")
                stopWorkers()
                loop.stop()
            }
            wait = min(wait, 20)
        }
        return wait == Int32.max ? -1 : wait
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> Int32 {
        Int32(clamping: nanoseconds / ProxyLimits.millisecond + 1)
    }

    /// The first snapshot is in, every worker has it and its doors listen, and nothing drains.
    var isReady: Bool {
        guard drainDeadline == nil, servingSince > 0, isSourceKnown else { return false }
        return workers.allSatisfy {
            $0.worker.control.adoptedVersion >= servingSince && $0.worker.control.areDoorsOpen
        }
    }

    /// A folder that was never read says nothing: to serve without it would be to serve without its routes. A gateway whose
    /// Gateway does not exist waits for it as well.
    var isSourceKnown: Bool {
        guard folder.wasRead else { return false }
        guard case .gateway(let key, _, _) = options.role else { return true }
        return folder.resources.gateways[key] != nil
    }

    var isDraining: Bool { drainDeadline != nil }

    private func takeSignals() {
        while let signal = signals.next() {
            switch signal {
            case SIGHUP:
                reload(.anything)
            case _ where isDraining:
                stopWorkers()
                loop.stop()
            default:
                Log.info("proxy", "draining")
                drainDeadline = Clock.now() + options.drainTimeout
                for thread in workers {
                    thread.worker.control.drain()
                    thread.worker.wakeup.signal()
                }
            }
        }
    }

    private func stopWorkers() {
        for thread in workers {
            thread.worker.control.stop()
            thread.worker.wakeup.signal()
        }
    }

    func renderMetrics() -> [UInt8] {
        _ = accessLog.drain()
        metrics.update { $0.ready = isReady }
        return metrics.render(now: Clock.now())
    }
}
