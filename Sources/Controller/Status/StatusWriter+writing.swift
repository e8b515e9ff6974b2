internal import GatewayAPI
internal import Kubernetes
internal import Reactor
internal import Routing
internal import Telemetry

/// One write under way.
final class StatusJob {
    let stamp: UInt64
    let resourceVersion: String
    var call: (any APICall)?

    init(stamp: UInt64, resourceVersion: String) {
        self.stamp = stamp
        self.resourceVersion = resourceVersion
    }
}

extension StatusWriter {
    private static let fieldManager = "weir-controller"

    /// Compares, and writes if there is a difference.
    func look(at id: ResourceID, now: UInt64) {
        guard let entry = store[id], let status = change(of: id, entry) else {
            queue.finishedClean(id, now: now)
            return
        }
        let job = StatusJob(stamp: stamps[id] ?? 0, resourceVersion: entry.resourceVersion)
        jobs[id] = job
        job.call = transport.send(request(id, entry, status)) { [weak self] result in
            self?.answered(id, job, result)
        }
    }

    /// The members of the status that have to be written; nil when none has to be, or when plan and object are not of
    /// one generation: the one that is behind is about to come. What the status itself says of generations is not
    /// believed, since anybody may have written it: a conclusion from a newer object is kept by the resource version
    /// that every write carries.
    private func change(of id: ResourceID, _ entry: StatusStore.Entry) -> Node? {
        guard let report, !entry.isBeingDeleted else { return nil }
        let now = StatusTime.now()
        let current = entry.statusNode
        switch id.kind {
        case .gatewayClass:
            guard let wanted = report.gatewayClasses[id.key.name], Self.isCurrent(wanted, entry) else { return nil }
            return StatusMerge.gatewayClass(wanted, current: current, now: now)
        case .gateway:
            guard let wanted = report.gateways[id.key], Self.isCurrent(wanted.conditions, entry) else { return nil }
            return StatusMerge.gateway(wanted, current: current, now: now)
        case .httpRoute:
            let wanted = report.httpRoutes[id.key] ?? []
            guard Self.isCurrent(wanted.first?.conditions ?? [], entry) else { return nil }
            return StatusMerge.parents(wanted, current: current, namespace: id.key.namespace, now: now)
        case .grpcRoute, .tlsRoute, .tcpRoute, .udpRoute:
            let wanted = report.unservedRoutes[id] ?? []
            guard Self.isCurrent(wanted.first?.conditions ?? [], entry) else { return nil }
            return StatusMerge.parents(wanted, current: current, namespace: id.key.namespace, now: now)
        case .backendTLSPolicy, .backendTrafficPolicy:
            let wanted = report.policies[id] ?? []
            guard Self.isCurrent(wanted.first?.conditions ?? [], entry) else { return nil }
            return StatusMerge.parents(
                wanted, current: current, namespace: id.key.namespace, now: now, list: .ancestors)
        case .listenerSet:
            let wanted = report.listenerSets[id.key]
            guard Self.isCurrent(wanted ?? [], entry) else { return nil }
            return StatusMerge.listenerSet(wanted, current: current, now: now)
        case .service, .endpointSlice, .namespace, .referenceGrant, .backend, .secret:
            return nil
        }
    }

    private static func isCurrent(_ conditions: [Condition], _ entry: StatusStore.Entry) -> Bool {
        conditions.first.map { $0.observedGeneration == entry.generation } ?? true
    }

    private func request(_ id: ResourceID, _ entry: StatusStore.Entry, _ status: Node) -> APIRequest {
        let body: Node = .mapping([
            "metadata": .mapping(["resourceVersion": .string(entry.resourceVersion)]), "status": status,
        ])
        let path = id.kind.api.path(
            version: entry.version, namespace: id.key.namespace, name: id.key.name, subresource: "status")
        return APIRequest(
            .patch, path, query: [("fieldManager", Self.fieldManager)], contentType: .mergePatch, body: body.json,
            timeout: settings.timeout)
    }

    private func answered(_ id: ResourceID, _ job: StatusJob, _ result: Result<APIResponse, APIError>) {
        guard jobs[id] === job else { return }
        jobs[id] = nil
        finish(id, job, result, now: Clock.now())
        // The object went while its write was under way: nothing of it is kept.
        if store[id] == nil { queue.forget(id) }
        // What is wanted may have changed while the write was under way; the pause after a failure is not for that.
        if let stamp = stamps[id], stamp != job.stamp { mark(id, isObjectNews: false) }
        turn()
    }

    private func finish(_ id: ResourceID, _ job: StatusJob, _ result: Result<APIResponse, APIError>, now: UInt64) {
        switch result {
        case .success(let response) where response.isSuccess:
            counters.written += 1
            if let object = try? JSONReader.node(response.body), store[id] != nil { _ = store.update(id, object) }
            queue.finishedWritten(id, stamp: job.stamp, now: now)
            noteSuccess()
        case .success(let response) where response.status == 409:
            counters.conflicts += 1
            let isNewsHere = store[id].map { $0.resourceVersion != job.resourceVersion } ?? true
            queue.finishedConflict(id, stamp: job.stamp, isNewsHere: isNewsHere, now: now)
            noteSuccess()
        case .success(let response) where response.status == 404:
            // Gone; the watch tells so, or brings the object that has taken its place.
            queue.finishedClean(id, now: now)
        case .success(let response) where Self.isOutage(response.status):
            noteOutage(id, "answers \(response.status)", response.retryAfter, now: now)
        case .success(let response):
            counters.refused += 1
            queue.finishedRefused(id, stamp: job.stamp, now: now)
            Log.error(
                "status",
                "the API server refuses the status of \(id) (\(response.status)): \(response.explanation); it stays as it is, and is tried again later"
            )
        case .failure(let error):
            noteOutage(id, "\(error)", nil, now: now)
        }
    }

    /// Nothing is wrong with this object's status; the server is overloaded, failing, or does not know who is asking.
    private static func isOutage(_ status: Int) -> Bool {
        status == 401 || status == 408 || status == 429 || status >= 500
    }

    private func noteOutage(_ id: ResourceID, _ reason: String, _ retryAfter: UInt64?, now: UInt64) {
        counters.failed += 1
        queue.finishedOutage(id, retryAfter: retryAfter, spread: Double.random(in: 0...1), now: now)
        if !isTroubled { Log.warn("status", "the API server \(reason); statuses are written later") }
        isTroubled = true
    }

    private func noteSuccess() {
        if isTroubled { Log.info("status", "statuses can be written again") }
        isTroubled = false
    }
}
