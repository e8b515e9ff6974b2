package import GatewayAPI
package import Reactor

/// An API server as a source of resources: watches what its scope needs, keeps the last good state of every object, and
/// tells of changes in bursts. What it holds stays in use while the server cannot be reached.
package final class ClusterSource: ResourceSource {
    package let name: String
    let scope: ClusterScope
    private let transport: any APITransport
    var store: ResourceStore
    var interest = EndpointInterest()
    private(set) var loop: EventLoop?

    private(set) var kindWatches: [ResourceKind: ResourceWatch] = [:]
    var sliceWatches: [EndpointInterest.Watch: ResourceWatch] = [:]
    /// Those of them that there should be; the others go when these have taken over.
    var wantedSliceWatches: Set<EndpointInterest.Watch> = []
    var secretWatches: [ObjectKey: ResourceWatch] = [:]
    /// Watched where no file has the own pod's labels.
    var podWatch: ResourceWatch?
    let podLabelsFile: PodLabelsFile?
    /// The labels of the own pod; nil while they are not known.
    var podLabels: [String: String]?
    /// Too many Secrets are needed.
    var hasTooManySecrets = false
    /// The server knows no such kind.
    var servesNoSecrets = false
    /// What keeps watches from being read, by what they watch.
    private var troubles = WatchTroubles()

    private var onChange: (SourceChange) -> Void = { _ in }
    private var delivery: EventTimer?
    /// Objects that had no room are about to be read again.
    private var isRereadDue = false
    private var isFirstTold = false
    package private(set) var isKnown = false
    private var wasHealthy = true

    /// - Parameters:
    ///   - name: where the server is, for people.
    ///   - podLabels: where the labels of a sidecar's pod stand; nil reads them from the Pod.
    package init(
        transport: any APITransport, name: String, scope: ClusterScope, podLabels: PodLabelsFile? = nil
    ) {
        self.transport = transport
        self.name = name
        self.scope = scope
        podLabelsFile = podLabels
        store = ResourceStore(scope)
        if case .cluster(endpoints: true) = scope { interest.isEverything = true }
    }

    package var resources: ResourceSet { store.resources }
    package var isPiecemeal: Bool { true }
    package var isLazy: Bool { scope.isLazy }

    package var isHealthy: Bool {
        let watches = [Array(kindWatches.values), Array(sliceWatches.values), podWatch.map { [$0] } ?? []].joined()
        return !watches.contains { $0.isInterrupted }
    }

    /// What keeps objects from being read first, then what is wrong with objects.
    package var problems: [Problem] { problems(leavingOut: []) }

    /// - Parameter labels: of watches whose troubles are told elsewhere.
    func problems(leavingOut labels: Set<String>) -> [Problem] {
        var problems = troubles.problems(of: name, leavingOut: labels)
        if hasTooManySecrets {
            problems.append(
                Problem(
                    severity: .error, id: .budget, object: name,
                    message: "more than \(ClusterLimits.secretWatches) Secrets are referred to; the rest is not read"))
        }
        return problems + unreadableCertificates + store.problems
    }

    package func start(on loop: EventLoop, onChange: @escaping (SourceChange) -> Void) {
        self.loop = loop
        self.onChange = onChange
        for kind in scope.kinds { kindWatches[kind] = watch(kind, on: loop) }
        startOwnPod()
        reconcileEndpoints()
        expireIdle()
    }

    /// Tries again at once what waits after a failure.
    package func reload() {
        for watch in kindWatches.values { watch.retry() }
        for watch in sliceWatches.values { watch.retry() }
        for watch in secretWatches.values { watch.retry() }
        podWatch?.retry()
        readPodLabels()
    }

    package var coverage: EndpointCoverage {
        var coverage = EndpointCoverage()
        for (interest, watch) in sliceWatches where watch.isSynced || watch.isAbsent {
            switch interest {
            case .service(let service): coverage.services.insert(service)
            case .namespace(let name): coverage.namespaces.insert(name)
            case .cluster: coverage.isEverything = true
            }
        }
        return coverage
    }

    package func use(_ services: Set<ObjectKey>) {
        let fresh = interest.use(services, now: Clock.now())
        guard !fresh.isEmpty else { return }
        // Those that were read along with others are known at once, and whoever asks must hear it.
        let coverage = coverage
        store.noteEndpoints(of: fresh.filter(coverage.covers))
        if !store.change.endpointsChanged.isEmpty, isFirstTold { schedule(after: 0) }
        reconcileEndpoints()
    }

    package func need(services: Set<ObjectKey>, secrets: Set<ObjectKey>) {
        interest.needed = services
        reconcileEndpoints()
        reconcileSecrets(secrets)
    }

    // MARK: Watches

    private func watch(_ kind: ResourceKind, on loop: EventLoop) -> ResourceWatch {
        begin(kind.api, scope.watchScope(of: kind), label: kind.rawValue, on: loop) { [weak self] event in
            guard let self else { return }
            switch event {
            case .changed(let object): store.put(object, as: kind)
            case .removed(let key): store.remove(ResourceID(kind: kind, key: key))
            case .absent:
                store.removeAll(of: kind)
                if kind == .gatewayClass { store.settleClasses() }
            case .synced:
                if kind == .gatewayClass { store.settleClasses() }
            case .interrupted: break
            }
        }
    }

    /// A watch whose troubles are kept under `label`, and after each of whose events it is looked at what there is to
    /// tell.
    func begin(
        _ kind: APIKind, _ scope: WatchScope, label: String, on loop: EventLoop,
        _ handler: @escaping (WatchEvent) -> Void
    ) -> ResourceWatch {
        let watch = ResourceWatch(transport: transport, loop: loop, kind: kind, scope: scope) { [weak self] event in
            if let self, troubles.note(label, event) { store.noteProblems() }
            handler(event)
            self?.schedule(event)
        }
        watch.start()
        return watch
    }

    /// What keeps something else than a watch from being read.
    func noteTrouble(_ label: String, _ trouble: String) {
        if troubles.set(label, trouble) { store.noteProblems() }
    }

    /// A watch is not there any more, or something can be read again.
    func forgetTrouble(_ label: String) {
        if troubles.forget(label) { store.noteProblems() }
    }

    // MARK: Telling

    /// Single changes wait for others; that all of something is known is told at once.
    private func schedule(_ event: WatchEvent) {
        switch event {
        case .changed, .removed: schedule(after: isFirstTold ? ClusterLimits.changeWindow : nil)
        case .synced, .absent, .interrupted: schedule(after: 0)
        }
    }

    /// - Parameter delay: nil: nothing is to be told yet.
    func schedule(after delay: UInt64?) {
        guard let loop, let delay else { return }
        if let delivery {
            guard delay == 0 else { return }
            loop.cancel(delivery)
        }
        delivery = loop.after(delay) { [weak self] in self?.deliver() }
    }

    private func deliver() {
        delivery = nil
        let changed = store.change.servicesChanged
        if !isFirstTold { findOwnServices() } else if !changed.isEmpty { findOwnServices(changed) }
        guard isFirstTold || areKindsSettled else { return tellProblems() }
        var change = store.takeChange()
        if !isFirstTold {
            isFirstTold = true
            change.routesChanged = true
            // Whoever is told plans, and then needs endpoints and Secrets: it is known with them that there are none.
            isKnown = areNeedsSettled && !isLazy
            onChange(change)
            change = store.takeChange()
        }
        rereadLater()
        let isNews = !isKnown && areNeedsSettled
        if isNews { isKnown = true }
        let isRecovered = isHealthy != wasHealthy
        wasHealthy = isHealthy
        if isNews || isRecovered || !change.isEmpty { onChange(change) }
    }

    /// What had no room and may have some now is read again, at a pace that a server can bear from all proxies.
    private func rereadLater() {
        guard let loop, !isRereadDue, !store.regained.isEmpty else { return }
        isRereadDue = true
        loop.after(ClusterLimits.rereadInterval) { [weak self] in
            guard let self else { return }
            isRereadDue = false
            for kind in store.takeRegained() {
                if kind == .endpointSlice {
                    for watch in sliceWatches.values { watch.readAgain() }
                } else {
                    kindWatches[kind]?.readAgain()
                }
            }
        }
    }

    /// Before there is anything to plan, what is wrong is told all the same.
    private func tellProblems() {
        guard store.change.problemsChanged else { return }
        wasHealthy = isHealthy
        var change = SourceChange()
        change.problemsChanged = true
        store.clearProblemsChanged()
        onChange(change)
    }

    /// Every kind has been read, or is not served; without some it is done where they may not be read.
    private var areKindsSettled: Bool {
        kindWatches.allSatisfy { kind, watch in
            watch.isSynced || watch.isAbsent || (kind.isOptional && watch.isForbidden)
        } && isOwnPodSettled
    }

    /// What the plan asked for has been read, or cannot be: what one Secret lacks must not keep the others from being
    /// served.
    var areNeedsSettled: Bool {
        wantedSliceWatches.allSatisfy { sliceWatches[$0]?.isSettled ?? false }
            && secretWatches.values.allSatisfy(\.isSettled)
    }
}

extension ResourceWatch {
    /// It has been read, is not served, or is refused.
    var isSettled: Bool { isSynced || isAbsent || isInterrupted }
}
