internal import Balancing
internal import HTTP
internal import Reactor
internal import Routing
internal import Telemetry

/// What a request that lasts keeps of the routes it was served by, once it has let go of their snapshot.
struct DetachedRoute {
    /// What it is counted under.
    var numbers: HeldNumbers
    /// The rule's timeout of an attempt.
    var backendTimeout: UInt64 = 0
    /// What the access log says.
    var routeName: [UInt8]
    var ruleIndex: Int
    var ruleName: [UInt8]
    var backendName: [UInt8]
    var frontendName: [UInt8]
    /// How the head of the response is changed, while it is still to come.
    var responseEdits: KeptHeaderEdits?
}

/// Taking up snapshots. New requests always read the newest; those in flight keep theirs for a few changes of routes,
/// then they take what they still need with them and let go of the rest.
extension Worker {
    /// The number of a backend that the newest snapshot does not have: it has no endpoints.
    private static var goneBackend: Int32 { .max }

    func adopt(_ snapshot: Snapshot) {
        if let current = snapshots.newest, !snapshots.keepsRoutes(snapshot) {
            if let crowded = snapshots.crowded { detachRequests(of: crowded, from: current.endpoints) }
            renumberDetached(from: current.endpoints, to: snapshot.endpoints)
        }
        snapshots.adopt(snapshot)
    }

    /// - Parameter current: the endpoints of the newest snapshot, as whose backends those of the requests are numbered
    ///   from now on.
    private func detachRequests(of slot: Int32, from current: EndpointTable) {
        guard let old = snapshots.snapshot(slot) else { return }
        for position in 0..<connectionSlab.highWater {
            let connection = connections[Int32(position)]
            guard connection.pointee.fd >= 0, connection.pointee.role == .client else { continue }
            let exchange = connection.pointee.exchange
            guard exchange >= 0, exchanges[exchange].pointee.snapshot == slot else { continue }
            detach(exchange, from: old)
            let e = exchanges[exchange]
            if e.pointee.backend >= 0, current !== old.endpoints {
                e.pointee.backend = current.position(of: e.pointee.backend, in: old.endpoints) ?? Worker.goneBackend
            }
            snapshots.release(slot)
        }
    }

    private func detach(_ exchange: Int32, from snapshot: Snapshot) {
        let e = exchanges[exchange]
        let rule = e.pointee.rule
        var kept = DetachedRoute(
            numbers: snapshot.labels.hold(rule: rule, backend: e.pointee.backend), routeName: [],
            ruleIndex: 0, ruleName: [], backendName: Array(snapshot.labels.backendName(e.pointee.backend)),
            frontendName: e.pointee.addressed < 0 ? [] : Array(snapshot.routes.frontendName(e.pointee.addressed)),
            responseEdits: nil)
        if rule >= 0 {
            let compiled = snapshot.routes.rulePointer(rule)
            kept.routeName = Array(snapshot.routes.bytes(compiled.pointee.ownerKey))
            kept.backendTimeout = compiled.pointee.backendTimeout
            kept.ruleIndex = Int(compiled.pointee.ownerRule)
            kept.ruleName = Array(snapshot.routes.bytes(compiled.pointee.ruleName))
            if e.pointee.progress.isResponseAwaited {
                kept.responseEdits = snapshot.routes.keptResponseEdits(rule, share: e.pointee.share)
            }
        }
        detached[exchange] = kept
        e.pointee.snapshot = SnapshotSlots.detached
        e.pointee.rule = -1
        e.pointee.share = -1
        e.pointee.frontend = -1
        e.pointee.addressed = -1
    }

    /// Requests that read the newest snapshot's endpoints go by its numbers.
    private func renumberDetached(from old: EndpointTable, to new: EndpointTable) {
        for exchange in detached.keys {
            let e = exchanges[exchange]
            guard e.pointee.backend >= 0, e.pointee.backend != Worker.goneBackend else { continue }
            e.pointee.backend = new.position(of: e.pointee.backend, in: old) ?? Worker.goneBackend
        }
    }

    /// Ends a request's use of its snapshot.
    func releaseSnapshot(of exchange: Int32) {
        let slot = exchanges[exchange].pointee.snapshot
        if slot == SnapshotSlots.detached { detached[exchange] = nil }
        snapshots.release(slot)
    }

    /// The rule's timeout of an attempt; 0 for none.
    func backendTimeout(of exchange: Int32, _ snapshot: Snapshot) -> UInt64 {
        let rule = exchanges[exchange].pointee.rule
        guard rule < 0 else { return snapshot.routes.rulePointer(rule).pointee.backendTimeout }
        return exchanges[exchange].pointee.snapshot == SnapshotSlots.detached
            ? detached[exchange]?.backendTimeout ?? 0 : 0
    }

    /// How the route changes the head of a request's response; nil when it does not.
    func responseEdits(of exchange: Exchange, number: Int32) -> HeaderEdits? {
        if exchange.snapshot == SnapshotSlots.detached { return detached[number]?.responseEdits?.edits }
        guard exchange.rule >= 0 else { return nil }
        return snapshots.snapshot(exchange.snapshot)?.routes.responseEdits(exchange.rule, share: exchange.share)
    }
}
