package import GatewayAPI
package import Kubernetes
package import Reactor
internal import Telemetry

/// Makes the cluster's objects of all Gateways what they should be: applies what is missing or has drifted, deletes
/// what is no longer wanted, and leaves alone what is not its own. Acts only while it is active (this controller leads)
/// and once it has heard of every Gateway and every object of its own.
package final class Provisioner {
    /// Requests under way at once.
    static let width = 8
    static let timeout: UInt64 = 15_000_000_000

    let transport: any APITransport
    let loop: EventLoop
    private let onChange: () -> Void

    var inventory = ManagedInventory()
    var wanted: [ManagedID: ManagedObject] = [:]
    private var plans: [ObjectKey: ProvisioningPlan]?
    /// Objects that two Gateways want: the later one's claim, which is not met.
    private var collisions: [ObjectKey: [String]] = [:]
    var failures: [ManagedID: String] = [:]
    /// What the server made of our fields, where that is not what we wrote (quantities in another unit): no drift.
    var accepted: [ManagedID: (hash: String, projection: Node)] = [:]
    private var queue = RetryQueue<ManagedID>(width: Provisioner.width)
    private var calls: [ManagedID: any APICall] = [:]
    private var timer: EventTimer?
    private var isActive = false
    private var isTurnScheduled = false

    package private(set) var counters = Counters()

    /// For metrics.
    package struct Counters: Sendable {
        package var applied: UInt64 = 0
        package var deleted: UInt64 = 0
        package var errors: UInt64 = 0
    }

    /// - Parameter onChange: something that a Gateway's status speaks of may have changed.
    package init(transport: any APITransport, loop: EventLoop, onChange: @escaping () -> Void) {
        self.transport = transport
        self.loop = loop
        self.onChange = onChange
    }

    package var queueDepth: Int { queue.depth }
    package var isSynced: Bool { inventory.isSynced }

    // MARK: What is wanted and what is there

    /// Begins or ends acting. What is under way when it ends is cancelled.
    package func setActive(_ active: Bool) {
        guard active != isActive else { return }
        isActive = active
        if active {
            enqueueEverything()
        } else {
            for call in calls.values { call.cancel() }
            calls.removeAll()
            queue.removeAll()
            forgetTerm()
        }
    }

    /// What was wanted in this term says nothing of what is when the next one begins: acting waits for that one's first
    /// plan.
    private func forgetTerm() {
        plans = nil
        wanted.removeAll()
        collisions.removeAll()
        failures.removeAll()
        accepted.removeAll()
    }

    /// Says what is wanted for every Gateway there is. What was made for one that is not among them is deleted, once
    /// the server itself says that there is no such Gateway.
    package func setPlans(_ plans: [ObjectKey: ProvisioningPlan]) {
        guard plans != self.plans else { return }
        let before = wanted
        let plansBefore = self.plans
        self.plans = plans
        collectWanted(plans)
        let changed = wanted.filter { before[$0.key] != $0.value }.map(\.key)
        let dropped = before.keys.filter { wanted[$0] == nil }
        for id in dropped {
            failures[id] = nil
            accepted[id] = nil
        }
        guard let plansBefore else { return enqueueEverything() }
        for id in ordered(changed) { add(id, isChanged: true) }
        for id in dropped { add(id, isChanged: true) }
        for (gateway, ids) in inventory.byGateway where plans[gateway] == nil || plans[gateway] != plansBefore[gateway]
        {
            for id in ids { add(id, isChanged: false) }
        }
        scheduleTurn()
    }

    /// Takes in what a watch of one of `ManagedKinds` (of objects labelled as managed) tells.
    package func observe(_ kind: APIKind, _ event: WatchEvent) {
        switch event {
        case .changed(let object):
            guard let id = inventory.insert(kind, object) else { return }
            noticed(id)
        case .removed(let key):
            let id = ManagedID(kind: kind, key: key)
            inventory.remove(id)
            noticed(id)
        case .synced:
            synced(kind)
        case .absent:
            for id in inventory.removeAll(kind) { noticed(id) }
            synced(kind)
        case .interrupted:
            break
        }
    }

    /// What a Gateway's status says of its objects.
    func facts(of gateway: ObjectKey) -> ProvisioningFacts {
        var facts = ProvisioningFacts()
        for id in inventory.byGateway[gateway] ?? [] {
            guard let entry = inventory.entries[id] else { continue }
            if id.kind == ManagedKinds.service { facts.service = entry.object }
            if let pods = entry.availablePods(id.kind) { facts.availablePods = max(facts.availablePods ?? 0, pods) }
            if let refusal = entry.podRefusal(id.kind) { facts.podRefusal = refusal }
        }
        let objects = plans?[gateway]?.objects ?? []
        facts.failures = objects.compactMap { failures[$0.id] } + (collisions[gateway] ?? [])
        return facts
    }

    private func collectWanted(_ plans: [ObjectKey: ProvisioningPlan]) {
        wanted.removeAll(keepingCapacity: true)
        collisions.removeAll()
        for gateway in plans.keys.sorted() {
            for object in plans[gateway]?.objects ?? [] {
                if let other = wanted[object.id] {
                    collisions[gateway, default: []].append("\(object.id) is Gateway \(other.gateway)'s")
                } else {
                    wanted[object.id] = object
                }
            }
        }
    }

    private func synced(_ kind: APIKind) {
        inventory.setSynced(kind)
        guard inventory.isSynced else { return }
        enqueueEverything()
        onChange()
    }

    private func noticed(_ id: ManagedID) {
        add(id, isChanged: false)
        wakeDependent(of: id)
        // A predecessor of another kind waits for this one's pods.
        if ManagedKinds.isWorkload(id.kind) {
            for kind in [ManagedKinds.deployment, ManagedKinds.daemonSet] where kind != id.kind {
                let other = ManagedID(kind: kind, key: id.key)
                if inventory.entries[other] != nil { add(other, isChanged: false) }
            }
        }
        onChange()
    }

    private func wakeDependent(of id: ManagedID) {
        guard let dependent = id.dependent, wanted[dependent] != nil else { return }
        add(dependent, isChanged: false)
    }

    private func enqueueEverything() {
        for id in ordered(wanted.keys) { add(id, isChanged: true) }
        for id in inventory.entries.keys where wanted[id] == nil { add(id, isChanged: true) }
        scheduleTurn()
    }

    private func ordered(_ ids: some Sequence<ManagedID>) -> [ManagedID] {
        func rank(_ id: ManagedID) -> Int { ManagedKinds.all.firstIndex(of: id.kind) ?? ManagedKinds.all.count }
        return ids.sorted { (rank($0), $0.key) < (rank($1), $1.key) }
    }

    private func add(_ id: ManagedID, isChanged: Bool) {
        guard isActive else { return }
        queue.add(id, isChanged: isChanged)
        scheduleTurn()
    }

    // MARK: Acting

    private func scheduleTurn() {
        guard isActive, !isTurnScheduled else { return }
        isTurnScheduled = true
        loop.after(0) { [weak self] in self?.turn() }
    }

    private func turn() {
        isTurnScheduled = false
        guard isActive, inventory.isSynced, plans != nil else { return }
        while let id = queue.next(now: Clock.now()) {
            act(on: id)
        }
        if let timer { loop.cancel(timer) }
        timer = queue.nextDue.map { due in
            let now = Clock.now()
            return loop.after(due > now ? due - now : 0) { [weak self] in self?.scheduleTurn() }
        }
    }

    /// What is to be done about an object now; nothing without a plan.
    func step(for id: ManagedID) -> ProvisioningStep {
        guard let plans else { return .none }
        return ProvisioningStep.next(
            for: id, wanted: wanted[id], inventory: inventory, plans: plans, accepted: accepted[id])
    }

    private func act(on id: ManagedID) {
        switch step(for: id) {
        case .none:
            if failures.removeValue(forKey: id) != nil { onChange() }
            queue.finished(id, succeeded: true, now: Clock.now(), spread: 0)
        case .confirm(let gateway, _):
            calls[id] = confirmAbsence(of: gateway, before: id)
        case .look(let object):
            calls[id] = look(for: object)
        case .apply(let object):
            calls[id] = apply(object)
        case .handOver(let object, let replicas):
            calls[id] = handOver(replicas, of: object)
        case .delete(let uid):
            calls[id] = delete(id, uid: uid)
        case .refuse(let message):
            finish(id, .failed(message))
        }
    }

    /// What follows on a call for the same object.
    func replaceCall(_ id: ManagedID, _ call: any APICall) { calls[id] = call }

    enum Outcome {
        case applied(Node)
        case deleted
        /// Nothing had to be done after all.
        case passed
        case failed(String)
    }

    /// Ends what was begun for an object.
    func finish(_ id: ManagedID, _ outcome: Outcome) {
        calls[id] = nil
        var succeeded = true
        switch outcome {
        case .applied(let object):
            counters.applied += 1
            failures[id] = nil
            _ = inventory.insert(id.kind, object)
            rememberAccepted(id, object)
            wakeDependent(of: id)
        case .deleted:
            counters.deleted += 1
            failures[id] = nil
        case .passed:
            failures[id] = nil
        case .failed(let message):
            counters.errors += 1
            succeeded = false
            if failures[id] != message { Log.error("provisioning", message) }
            failures[id] = message
        }
        queue.finished(id, succeeded: succeeded, now: Clock.now(), spread: Double.random(in: 0...1))
        onChange()
        scheduleTurn()
    }

    private func rememberAccepted(_ id: ManagedID, _ object: Node) {
        guard let wanted = wanted[id] else { return }
        accepted[id] = (wanted.hash, FieldProjection.of(object, onto: wanted.content))
    }
}
