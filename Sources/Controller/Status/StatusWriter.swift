package import GatewayAPI
package import Kubernetes
package import Reactor
package import Routing

/// Brings the statuses at the API server in line with what the plan says of the objects.
///
/// Fed with the objects by their watches and with a report by each new plan, whether it leads or not; writes only
/// between `start` and `stop`. Each object is written by a merge patch of its `status` subresource that carries the
/// object's `resourceVersion`: the server refuses it (409) when anybody has changed the object since, members of the
/// status that are not ours are not even mentioned, and the spec does not have to be sent along. Belongs to the loop's
/// thread.
package final class StatusWriter {
    /// For metrics.
    package struct Counters: Hashable, Sendable {
        package var written: UInt64 = 0
        /// Writes that came too late (409).
        package var conflicts: UInt64 = 0
        /// Writes that the server would not take.
        package var refused: UInt64 = 0
        /// Writes that the server did not get to.
        package var failed: UInt64 = 0
    }

    /// The kinds whose status this controller writes.
    package static let kinds: [ResourceKind] =
        [.gatewayClass, .gateway, .httpRoute] + ResourceKind.allCases.filter { !$0.isServed }

    let transport: any APITransport
    let settings: StatusWriterSettings
    private let loop: EventLoop

    var store = StatusStore()
    var queue: StatusQueue
    var jobs: [ResourceID: StatusJob] = [:]
    /// Which revision of the wanted status an object has: a number that changes with it.
    private(set) var stamps: [ResourceID: UInt64] = [:]
    private var revision: UInt64 = 0
    private(set) var report: StatusReport?
    private var timer: EventTimer?
    package private(set) var isActive = false
    package internal(set) var counters = Counters()
    /// The server could not be written to the last time.
    var isTroubled = false

    package init(
        transport: any APITransport, loop: EventLoop, settings: StatusWriterSettings = StatusWriterSettings()
    ) {
        self.transport = transport
        self.loop = loop
        self.settings = settings
        queue = StatusQueue(settings: settings)
    }

    /// Objects that wait for a look or whose write is under way.
    package var queueDepth: Int { queue.depth }

    // MARK: What is there, and what is wanted

    /// An object as it is now. Kinds that are not ours to write are passed over.
    package func changed(_ kind: ResourceKind, _ object: Node) {
        guard Self.kinds.contains(kind), let name = object["metadata"]?["name"]?.stringValue else { return }
        let namespace = kind.isNamespaced ? object["metadata"]?["namespace"]?.stringValue ?? "" : ""
        let id = ResourceID(kind: kind, key: ObjectKey(namespace: namespace, name: name))
        guard store.update(id, object) else { return }
        mark(id, isObjectNews: true)
    }

    package func removed(_ kind: ResourceKind, _ key: ObjectKey) {
        let id = ResourceID(kind: kind, key: key)
        store.remove(id)
        queue.forget(id)
        stamps[id] = nil
    }

    /// What a plan of everything says. It must have been made from complete lists: entries of ours that it has no word
    /// for are taken out of the objects.
    package func update(_ report: StatusReport) {
        update(report, changed: Self.differences(self.report ?? StatusReport(), report))
    }

    /// - Parameter changed: the differences between the report before and this one.
    func update(_ report: StatusReport, changed: [ResourceID]) {
        let old = self.report
        self.report = report
        revision += 1
        for id in changed {
            if store[id] == nil, !report.speaks(of: id) {
                stamps[id] = nil
                continue
            }
            stamps[id] = revision
            mark(id, isObjectNews: false)
        }
        // Objects that the very first report has nothing to say of may bear entries of an earlier life.
        if old == nil { markAll() }
    }

    static func differences(_ old: StatusReport, _ new: StatusReport) -> [ResourceID] {
        func changed<Key, Value: Equatable>(_ old: [Key: Value], _ new: [Key: Value]) -> [Key] {
            new.filter { old[$0.key] != $0.value }.map(\.key) + old.keys.filter { new[$0] == nil }
        }
        return changed(old.gatewayClasses, new.gatewayClasses).map {
            ResourceID(kind: .gatewayClass, key: ObjectKey(namespace: "", name: $0))
        } + changed(old.gateways, new.gateways).map { ResourceID(kind: .gateway, key: $0) }
            + changed(old.httpRoutes, new.httpRoutes).map { ResourceID(kind: .httpRoute, key: $0) }
            + changed(old.listenerSets, new.listenerSets).map { ResourceID(kind: .listenerSet, key: $0) }
            + changed(old.unservedRoutes, new.unservedRoutes) + changed(old.policies, new.policies)
    }

    // MARK: Leading

    package func start() {
        guard !isActive else { return }
        isActive = true
        markAll()
    }

    /// What is under way is cancelled; it may have reached the server.
    package func stop() {
        guard isActive else { return }
        isActive = false
        for job in jobs.values { job.call?.cancel() }
        jobs.removeAll()
        queue.clear()
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    // MARK: Turns

    func mark(_ id: ResourceID, isObjectNews: Bool) {
        guard isActive, report != nil else { return }
        queue.mark(id, stamp: stamps[id] ?? 0, isObjectNews: isObjectNews, now: Clock.now())
        arm()
    }

    private func markAll() {
        for id in store.ids { mark(id, isObjectNews: false) }
    }

    /// Looks at what is due, and sees to it that the rest is looked at in time.
    func turn() {
        guard isActive else { return }
        let now = Clock.now()
        for _ in 0..<settings.looksPerTurn {
            guard let id = queue.take(now: now) else { break }
            look(at: id, now: now)
        }
        arm()
    }

    private var armedFor: UInt64?

    private func arm() {
        let next = queue.nextDue
        if next == armedFor, timer != nil { return }
        if let timer { loop.cancel(timer) }
        timer = nil
        armedFor = next
        guard let next else { return }
        let now = Clock.now()
        timer = loop.after(next > now ? next - now : 0) { [weak self] in
            self?.timer = nil
            self?.turn()
        }
    }
}

extension StatusReport {
    /// Whether there is anything about an object.
    fileprivate func speaks(of id: ResourceID) -> Bool {
        switch id.kind {
        case .gatewayClass: gatewayClasses[id.key.name] != nil
        case .gateway: gateways[id.key] != nil
        case .httpRoute: httpRoutes[id.key] != nil
        case .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute: unservedRoutes[id] != nil
        case .backendTLSPolicy, .backendTrafficPolicy: policies[id] != nil
        case .listenerSet: listenerSets[id.key] != nil
        case .service, .endpointSlice, .namespace, .referenceGrant, .backend, .secret: false
        }
    }
}
