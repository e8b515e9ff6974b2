package import GatewayAPI
package import Kubernetes
package import Reactor
internal import Routing
internal import Telemetry

/// What the controller does with a cluster: it watches, and while it leads it plans, provisions gateways and has
/// statuses written. Plans are made beside the loop: however long one takes, the loop goes on.
package final class ClusterController {
    /// Whom the watches' events are passed on to, kind by kind.
    package typealias Observer = (ResourceKind, WatchEvent) -> Void

    private let transport: any APITransport
    let loop: EventLoop
    let settings: ProvisioningSettings
    private let observer: Observer
    var picture = ClusterPicture()
    private var watches: [ResourceWatch] = []
    private var optionalWatches: [ResourceKind: ResourceWatch] = [:]
    private var bundleVersion: String?
    private(set) var isActive = false
    /// Counts the times that leading began or ended: what was planned in an earlier one is of no use.
    private(set) var term: UInt64 = 0

    let provisioner: Provisioner
    private(set) var configMaps: NamedObjects?
    private(set) var secrets: NamedObjects?
    private var planning: PacedWork?
    let planner: ClusterPlanner
    let background: BackgroundQueue
    let statuses: StatusWriter
    let finalizers: ClassFinalizers
    let binding: ProxyBinding

    var planCounters = PlanCounters()
    /// Of the plan that is being made.
    var interruption: PlanInterruption?
    var planPatience = PlanPatience()
    /// The plan under way is about to be given up.
    var giveUp: EventTimer?
    let routesLog: ProblemReporter
    /// What keeps the watches from being read.
    private var troubles = WatchTroubles()
    private let sourceLog: ProblemReporter

    private static let configMapKind = APIKind(group: "", versions: ["v1"], plural: "configmaps", kind: "ConfigMap")
    private static let definitionKind = APIKind(
        group: "apiextensions.k8s.io", versions: ["v1"], plural: "customresourcedefinitions",
        kind: "CustomResourceDefinition", isNamespaced: false)
    private static let gatewayDefinition = "gateways.gateway.networking.k8s.io"
    private static let bundleVersionAnnotation = "gateway.networking.k8s.io/bundle-version"

    /// - Parameters:
    ///   - planner: is called on a thread of its own.
    ///   - observer: is passed every event of the resources' watches, EndpointSlices among them.
    /// - Throws: `SystemError` when there is no descriptor to be had.
    package init(
        transport: any APITransport, loop: EventLoop, settings: ProvisioningSettings,
        planner: ClusterPlanner = ClusterPlanner(), observer: @escaping Observer = { _, _ in }
    ) throws(SystemError) {
        background = try BackgroundQueue(loop: loop)
        self.planner = planner
        self.transport = transport
        self.loop = loop
        self.settings = settings
        self.observer = observer
        routesLog = ProblemReporter(on: loop, patience: ProblemReporter.patience, tell: { Self.log($0, "routes") })
        sourceLog = ProblemReporter(on: loop, patience: ProblemReporter.patience, tell: { Self.log($0, "source") })
        statuses = StatusWriter(transport: transport, loop: loop)
        finalizers = ClassFinalizers(transport: transport, loop: loop)
        binding = ProxyBinding(transport: transport, loop: loop)
        let ask = Ask()
        provisioner = Provisioner(transport: transport, loop: loop) { ask.action() }
        ask.action = { [weak self] in self?.planSoon() }
        planning = PacedWork(loop: loop) { [weak self] done in self?.plan(done) }
        configMaps = NamedObjects(transport: transport, loop: loop, kind: Self.configMapKind) { [weak self] _ in
            self?.planSoon()
        }
        secrets = NamedObjects(transport: transport, loop: loop, kind: ResourceKind.secret.api) { [weak self] key in
            self?.secretChanged(key)
        }
    }

    /// What a closure made before `self` was complete calls.
    private final class Ask {
        var action: () -> Void = {}
    }

    package func start() {
        for kind in ClusterPicture.kinds {
            let watch = watch(kind.api) { [weak self] in self?.observe(kind, $0) }
            if kind.isOptional { optionalWatches[kind] = watch }
        }
        watch(ResourceKind.endpointSlice.api) { [weak self] in self?.observer(.endpointSlice, $0) }
        for kind in ManagedKinds.all {
            // Who wrote an object tells whether it is ours.
            watch(kind, WatchScope(labelSelector: ManagedMark.selector), keepsManagedFields: true) { [weak self] in
                self?.provisioner.observe(kind, $0)
                // The last list to come in may hold nothing to plan for, but it is what planning waited for.
                if case .synced = $0 { self?.planSoon() }
            }
        }
        let definition = WatchScope(fieldSelector: "metadata.name=\(Self.gatewayDefinition)")
        watch(Self.definitionKind, definition) { [weak self] in self?.observeDefinition($0) }
    }

    package func stop() {
        setActive(false)
        for watch in watches { watch.stop() }
        watches = []
        optionalWatches = [:]
        configMaps?.stop()
        secrets?.stop()
    }

    /// Begins or ends writing: this controller leads, or does not any more.
    package func setActive(_ active: Bool) {
        guard active != isActive else { return }
        isActive = active
        term += 1
        provisioner.setActive(active)
        // Statuses begin with this term's first plan: an earlier term's says what was true then.
        guard !active else { return planSoon() }
        statuses.stop()
        finalizers.stop()
        binding.stop()
    }

    /// Everything there is has been heard of once.
    package var isSynced: Bool { picture.isSynced }
    /// No watch is interrupted.
    package var isHealthy: Bool { watches.allSatisfy { !$0.isInterrupted } }

    // MARK: Watching

    @discardableResult private func watch(
        _ kind: APIKind, _ scope: WatchScope = WatchScope(), keepsManagedFields: Bool = false,
        _ handler: @escaping (WatchEvent) -> Void
    ) -> ResourceWatch {
        // A kind may be watched in several scopes.
        let label = "\(kind.plural) \(watches.count)"
        let watch = ResourceWatch(
            transport: transport, loop: loop, kind: kind, scope: scope, keepsManagedFields: keepsManagedFields
        ) { [weak self] event in
            if let self, troubles.note(label, event) { sourceLog.update(troubles.problems(of: "cluster")) }
            handler(event)
        }
        watches.append(watch)
        watch.start()
        return watch
    }

    private func observe(_ kind: ResourceKind, _ told: WatchEvent) {
        let event = asAllowed(kind, told)
        observer(kind, event)
        switch event {
        case .changed(let object): statuses.changed(kind, object)
        case .removed(let key): statuses.removed(kind, key)
        case .synced, .absent, .interrupted: break
        }
        if kind == .gatewayClass { finalizers.observe(event) }
        if picture.observe(kind, event) { planSoon() }
    }

    /// Nothing else has to wait for a kind that an older role gives no right to read: it is taken for one that is not
    /// served.
    private func asAllowed(_ kind: ResourceKind, _ event: WatchEvent) -> WatchEvent {
        guard case .interrupted = event, let watch = optionalWatches[kind], watch.isForbidden, !watch.isSynced else {
            return event
        }
        return .absent
    }

    private func observeDefinition(_ event: WatchEvent) {
        var version = bundleVersion
        switch event {
        case .changed(let definition):
            version = definition["metadata"]?["annotations"]?[Self.bundleVersionAnnotation]?.stringValue
        case .removed, .absent: version = nil
        case .synced, .interrupted: return
        }
        guard version != bundleVersion else { return }
        bundleVersion = version
        planSoon()
    }

    private func secretChanged(_ key: ObjectKey) {
        guard let secrets else { return }
        switch secrets.state(key) {
        case .found(let object): picture.setSecret(key, object)
        case .absent, .unknown, .unreadable: picture.setSecret(key, nil)
        }
        planSoon()
    }

    /// Asks for a plan of what there is by then.
    private func planSoon() {
        guard isActive, picture.isSynced, provisioner.isSynced else { return }
        planning?.ask()
        outdatePlan()
    }

    func facts(_ provisioning: ProvisioningPlanner.Result) -> StatusFacts {
        var gateways: [ObjectKey: GatewayFacts] = [:]
        for key in provisioning.plans.keys {
            gateways[key] = GatewayFacts(
                provisioner.facts(of: key), name: provisioning.names[key] ?? key.name,
                parametersDefect: provisioning.parametersDefects[key])
        }
        return StatusFacts(
            gateways: gateways, classDefects: provisioning.classDefects, bundleVersion: bundleVersion)
    }

    private static let reportedLines = 20

    /// What has gone wrong, a bounded number of lines of it. The owners of objects read it in statuses.
    private static func log(_ news: ProblemLog.News, _ component: StaticString) {
        for problem in news.begun.prefix(reportedLines) { Log.warn(component, problem.oneLine) }
        if news.begun.count > reportedLines {
            Log.warn(
                component, "\(news.begun.count - reportedLines) more problems; weir check --kubernetes lists them")
        }
        if let over = news.over { Log.info(component, over) }
    }

    // MARK: Metrics

    package var metrics: ControllerMetrics.Cluster {
        ControllerMetrics.Cluster(
            isHealthy: isHealthy, problems: picture.problemCount + planCounters.problems, plans: planCounters,
            provisioning: provisioner.counters,
            provisioningDepth: provisioner.queueDepth, statuses: statuses.counters, statusDepth: statuses.queueDepth,
            watches: watches.count + (configMaps?.count ?? 0) + (secrets?.count ?? 0))
    }
}
