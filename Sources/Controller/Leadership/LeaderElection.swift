package import GatewayAPI
package import Kubernetes
package import Reactor
internal import Telemetry

/// Takes part in the election by a Lease, and says when leading begins and ends.
package final class LeaderElection {
    /// An attempt must be over long before a leader's time is.
    private static let timeout: UInt64 = 4_000_000_000

    private let transport: any APITransport
    private let loop: EventLoop
    private let key: ObjectKey
    private let onChange: (Bool) -> Void
    private var election: LeaseElection
    private var call: (any APICall)?
    private var timer: EventTimer?
    private var expiry: EventTimer?
    private var troubles = LeaseTroubles()

    package private(set) var isLeader = false

    /// - Parameter identity: unique among the candidates, as the pod's name.
    package convenience init(
        transport: any APITransport, loop: EventLoop, key: ObjectKey, identity: String,
        onChange: @escaping (Bool) -> Void
    ) {
        self.init(
            transport: transport, loop: loop, key: key, election: LeaseElection(identity: identity),
            onChange: onChange)
    }

    init(
        transport: any APITransport, loop: EventLoop, key: ObjectKey, election: LeaseElection,
        onChange: @escaping (Bool) -> Void
    ) {
        self.transport = transport
        self.loop = loop
        self.key = key
        self.election = election
        self.onChange = onChange
    }

    package func start() {
        attempt()
    }

    /// Stops taking part; a leader gives the lease up first. `done` is called once that is answered or has taken too
    /// long.
    package func stop(_ done: @escaping () -> Void) {
        cancelEverything()
        let release = election.release(time: MicroTime.now())
        settle()
        guard case .update(let record, let version)? = release else {
            done()
            return
        }
        call = put(record, version) { _ in done() }
    }

    private func cancelEverything() {
        call?.cancel()
        call = nil
        for pending in [timer, expiry].compactMap({ $0 }) { loop.cancel(pending) }
        timer = nil
        expiry = nil
    }

    private func attempt() {
        follow(election.begin(now: Clock.now(), time: MicroTime.now()))
    }

    private func follow(_ action: LeaseElection.Action) {
        settle()
        switch action {
        case .wait(let time):
            timer = loop.after(time) { [weak self] in self?.attempt() }
        case .read:
            let path = LeaseRecord.kind.path(version: "v1", namespace: key.namespace, name: key.name)
            call = transport.send(APIRequest(.get, path, timeout: Self.timeout)) { [weak self] in self?.wasRead($0) }
        case .create(let record):
            let path = LeaseRecord.kind.path(version: "v1", namespace: key.namespace)
            let body = record.lease(key, resourceVersion: nil).json
            call = transport.send(APIRequest(.post, path, body: body, timeout: Self.timeout)) { [weak self] in
                self?.wasWritten($0)
            }
        case .update(let record, let version):
            call = put(record, version) { [weak self] in self?.wasWritten($0) }
        }
    }

    private func put(
        _ record: LeaseRecord, _ version: String, _ done: @escaping (Result<APIResponse, APIError>) -> Void
    ) -> any APICall {
        let path = LeaseRecord.kind.path(version: "v1", namespace: key.namespace, name: key.name)
        let body = record.lease(key, resourceVersion: version).json
        return transport.send(APIRequest(.put, path, body: body, timeout: Self.timeout), done)
    }

    private func wasRead(_ result: Result<APIResponse, APIError>) {
        var reading = LeaseElection.Reading.failed
        if case .success(let response) = result {
            if response.status == 404 { reading = .missing }
            if response.isSuccess, let lease = try? JSONReader.node(response.body), let version = Self.version(lease) {
                reading = .found(LeaseRecord(lease), resourceVersion: version)
            }
        }
        report(.read, result, isFailed: reading.isFailed)
        follow(election.read(reading, now: Clock.now(), time: MicroTime.now(), spread: Double.random(in: 0...1)))
    }

    private func wasWritten(_ result: Result<APIResponse, APIError>) {
        var writing = LeaseElection.Writing.failed
        if case .success(let response) = result {
            if response.status == 409 { writing = .conflict }
            if response.isSuccess, let lease = try? JSONReader.node(response.body), let version = Self.version(lease) {
                writing = .written(resourceVersion: version)
            }
        }
        report(.written, result, isFailed: writing.isFailed)
        follow(election.written(writing, now: Clock.now(), spread: Double.random(in: 0...1)))
    }

    private static func version(_ lease: Node) -> String? { lease["metadata"]?["resourceVersion"]?.stringValue }

    /// Says a change of who leads, and sees to it that leading ends on time whatever the network does.
    private func settle() {
        let leads = election.isLeader(now: Clock.now())
        if let expiry { loop.cancel(expiry) }
        expiry = nil
        if leads, let until = election.leadsUntil {
            let now = Clock.now()
            expiry = loop.after(until > now ? until - now : 0) { [weak self] in self?.settle() }
        }
        guard leads != isLeader else { return }
        isLeader = leads
        Log.info("leader", leads ? "leading (Lease \(key))" : "not leading any more (Lease \(key))")
        onChange(leads)
    }

    private func report(_ verb: LeaseTroubles.Verb, _ result: Result<APIResponse, APIError>, isFailed: Bool) {
        for news in troubles.news(verb, result, isFailed: isFailed, now: Clock.now()) {
            switch news {
            case .begun(let reason):
                Log.warn("leader", "Lease \(key) \(reason); without it nothing is written; tried again")
            case .over(let over): Log.info("leader", "Lease \(key): \(over)")
            }
        }
    }
}
