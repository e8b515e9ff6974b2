internal import Balancing
internal import CLinux
internal import GatewayAPI
internal import Kubernetes
internal import Reactor
internal import Resolver
internal import Routing
internal import Telemetry

/// From what the source says to what the workers serve.
extension ProxyRuntime {
    /// After a change, until what it took is given back: those of one burst of changes are given back together.
    private static let settling = ProxyLimits.second
    /// Between two times that it is given back at once while something is served: the code of serving goes as well, and
    /// somebody somewhere may change routes all the time. Services change less often, and then two directories of them
    /// stand in memory.
    private static let releasePauses = (routes: ProxyLimits.second, services: ProxyLimits.second / 5)
    /// From the start to the first of the moments at which what reading took is given back.
    private static let firstRelease = ProxyLimits.second / 100
    /// How often the source is told which Services are in use.
    private static let usageInterval = 60 * ProxyLimits.second

    /// The pause after routes were compiled because Services were called, in times of what that took.
    private static let compilationShare: UInt64 = 4

    /// The source has changed.
    func apply(_ change: SourceChange) {
        if change.problemsChanged { sourceLog.update(source.problems) }
        metrics.update {
            $0.sourceHealthy = source.isHealthy
            $0.sourceProblems = UInt64(problems.count)
        }
        // Before everything is known a source may tell of problems, which are nothing to serve.
        if change.routesChanged || (latest == nil && source.isKnown) {
            // The code of reading, of compiling and of serving need not stand in memory together.
            let isFirst = servingSince == 0
            releaseNow(for: change)
            publish(compile(change.servicesChanged), part: \.routeReloads)
            if isSourceKnown { announceReload() }
            if isFirst { weir_release_code_pages() }
        } else if !change.endpointsChanged.isEmpty {
            publish(builder.update(source.resources, services: change.endpointsChanged, addresses: addresses))
            releaseLater()
        } else if servingSince == 0, let latest {
            // Nothing new, but known to be all there is.
            publish(latest, part: \.routeReloads)
            if isSourceKnown { announceReload() }
        }
    }

    private func compile(_ services: Set<ObjectKey>) -> Snapshot {
        metrics.reclaimNames()
        var snapshot = builder.build(source.resources, changed: services, addresses: addresses)
        routesLog.update(builder.latestPlan.problems)
        wantHosts()
        // Names that are addresses, or in the hosts file, are known at once.
        if let known = resolver?.step(now: Clock.now()), !known.isEmpty {
            reportRefused(known)
            snapshot = builder.build(source.resources, changed: [], addresses: addresses)
        }
        source.need(services: neededServices, secrets: builder.latestPlan.wantedSecrets)
        releaseLater()
        return snapshot
    }

    /// What reading and compiling took of memory and code is not paid for while it serves.
    private func releaseLater() {
        guard !isReleaseDue else { return }
        isReleaseDue = true
        loop.after(ProxyRuntime.settling) { [unowned self] in
            isReleaseDue = false
            weir_release_code_pages()
        }
    }

    private func releaseNow(for change: SourceChange) {
        let now = Clock.now()
        let pauses = ProxyRuntime.releasePauses
        let pause = change.servicesChanged.isEmpty ? pauses.routes : pauses.services
        guard servingSince == 0 || now &- releasedAt >= pause else { return }
        releasedAt = now
        weir_release_code_pages()
    }

    /// Until something is served, what the steps of reading leave behind is given back at moments ever further apart.
    func releaseWhileReading(after delay: UInt64 = ProxyRuntime.firstRelease) {
        loop.after(delay) { [unowned self] in
            guard servingSince == 0 else { return }
            weir_release_code_pages()
            releaseWhileReading(after: delay * 2)
        }
    }

    /// A gateway's backends are all its own affair; a sidecar's plan names every Service of the cluster, of which it
    /// reads those that are called.
    private var neededServices: Set<ObjectKey> {
        guard case .gateway = options.role else { return [] }
        var needed: Set<ObjectKey> = []
        for case .service(let service, _) in builder.backends { needed.insert(service) }
        return needed
    }

    /// - Parameter part: counts what was new in it.
    private func publish(_ snapshot: Snapshot, part: WritableKeyPath<ProcessMetrics, UInt64> = \.endpointReloads) {
        noteUsed()
        latest = snapshot
        notePublished(snapshot.version, at: Clock.now(), wall: Clock.wallMilliseconds())
        if servingSince == 0 && isSourceKnown {
            servingSince = snapshot.version
            releaseLater()
        }
        publication.publish(snapshot)
        for thread in workers { thread.worker.wakeup.signal() }
        metrics.update { process in
            process.snapshotVersion = snapshot.version
            process[keyPath: part] += 1
            process.snapshotCompileNanoseconds = builder.compileNanoseconds
            process.certificateExpiry = builder.certificateExpiry
            process.sourceProblems = UInt64(problems.count)
        }
        Log.debug("source", "snapshot \(snapshot.version) published")
        if case .gateway(let key, _, _) = options.role, source.isKnown, !isSourceKnown {
            Log.warn("source", "Gateway \(key) does not exist in \(source.name); not ready until it does")
        }
    }

    // MARK: Services in use

    /// Workers ask for Services they meet for the first time; those in use are kept.
    func watchDemand() {
        loop.watch(demand.descriptor) { [unowned self] _ in
            source.use(demand.take())
            let routed = demand.takeRouted()
            guard !routed.isEmpty else { return }
            noteUsed()
            if builder.call(routed) { compileCalled() }
        }
        if source.isLazy { reportUsage() }
    }

    /// Compiles the routes of Services that were called for the first time: at once, or after a pause that keeps a pod
    /// which calls more Services than are kept from compiling for every request.
    private func compileCalled() {
        guard !isCallDue else { return }
        let now = Clock.now()
        guard now < calledRoutesPause else {
            publish(compile([]), part: \.routeReloads)
            calledRoutesPause = Clock.now() &+ ProxyRuntime.compilationShare &* builder.compileNanoseconds
            return
        }
        isCallDue = true
        loop.after(calledRoutesPause &- now) { [unowned self] in
            isCallDue = false
            compileCalled()
        }
    }

    private func noteUsed() {
        guard let latest else { return }
        let used = latest.endpoints.takeUsed()
        builder.use(used)
        usedServices.formUnion(used)
    }

    private func reportUsage() {
        loop.after(ProxyRuntime.usageInterval) { [unowned self] in
            noteUsed()
            source.use(usedServices)
            usedServices = []
            reportUsage()
        }
    }

    // MARK: Problems

    /// Everything wrong with the resources: what the loader found, and what the plan did.
    var problems: [Problem] { source.problems + builder.latestPlan.problems }

    // MARK: Host names

    private func addresses(of host: String) -> [IPAddress] {
        (resolver?.addresses(of: host) ?? []).map(IPAddress.init(resolved:))
    }

    /// Says which names resolve to where no Backend leads; the other addresses of a name are used.
    private func reportRefused(_ hosts: some Sequence<String>) {
        for host in hosts {
            guard let reason = builder.refusal(of: addresses(of: host), source.resources) else { continue }
            Log.warn("resolver", "host \(host): \(reason); the address is passed over")
        }
    }

    private func wantHosts() {
        for refused in resolver?.want(builder.hostNames(source.resources), now: Clock.now()) ?? [] {
            Log.error(
                "resolver", "host \(refused): cannot be resolved (not a host name, or too many); it has no endpoints")
        }
    }

    func stepResolver() {
        guard let resolver else { return }
        let changed = Set(resolver.step(now: Clock.now()))
        metrics.update { $0.resolverFailing = UInt64(resolver.failingNames) }
        guard !changed.isEmpty else { return }
        reportRefused(changed)
        let backends = source.resources.backends.values.filter { $0.hosts.contains { changed.contains($0.host) } }
        publish(builder.update(source.resources, services: Set(backends.map(\.metadata.key)), addresses: addresses))
    }
}
