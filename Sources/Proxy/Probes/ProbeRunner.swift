internal import Injection
internal import Reactor
internal import TLS

/// Makes the kubelet's probes in its place, to the workload itself: past the doors, so that neither routes nor the
/// door's own accepting of connections decide what is healthy. Only the probes of the table are made.
final class ProbeRunner {
    private let table: ProbeTable
    /// The pod's address, which is what the kubelet would have asked: a workload may listen there alone.
    private let address: SocketAddress
    private let loop: EventLoop
    /// By path: never more than the table has.
    private var running: [String: SharedProbe] = [:]
    private var lastNumber = 0
    /// The kubelet does not verify certificates either: they are made for the workload's names, not for its address.
    private lazy var anyCertificate = try? TLSClientContext(roots: .system, identity: nil, verification: .none)

    init(table: ProbeTable, address: SocketAddress, loop: EventLoop) {
        self.table = table
        self.address = address
        self.loop = loop
    }

    /// Whether the path names a probe.
    func knows(_ path: String) -> Bool { table[path] != nil }

    /// Calls `done` once, later, unless the returned closure is called before. Who asks for a probe that is under way
    /// gets its verdict: whoever reaches the port can ask, and must neither keep the kubelet's probe from being made
    /// nor have the workload probed by the hundred.
    func run(_ path: String, userAgent: String?, _ done: @escaping (ProbeVerdict) -> Void) -> () -> Void {
        guard let target = table[path] else {
            loop.after(0) { done(ProbeVerdict(status: 404, text: "this pod has no such probe")) }
            return {}
        }
        let shared = running[path] ?? begin(path, target, userAgent: userAgent)
        lastNumber += 1
        let number = lastNumber
        shared.askers[number] = done
        return { [weak self, weak shared] in
            guard let shared, shared.askers.removeValue(forKey: number) != nil else { return }
            if shared.askers.isEmpty { self?.drop(shared, path) }
        }
    }

    private func begin(_ path: String, _ target: ProbeTarget, userAgent: String?) -> SharedProbe {
        let timeout = UInt64(min(max(target.timeout, 1), ProbeLimits.longestTimeout)) * ProxyLimits.second
        let shared = SharedProbe()
        running[path] = shared
        shared.timer = loop.after(timeout) { [weak self, weak shared] in
            guard let shared else { return }
            self?.end(shared, path, .unhealthy("no answer within \(target.timeout) s"))
        }
        let probe = probe(target, userAgent: userAgent) { [weak self, weak shared] verdict in
            guard let shared else { return }
            self?.end(shared, path, verdict)
        }
        shared.probe = probe
        probe.start()
        return shared
    }

    private func end(_ shared: SharedProbe, _ path: String, _ verdict: ProbeVerdict) {
        let askers = shared.askers.sorted { $0.key < $1.key }
        drop(shared, path)
        for (_, done) in askers { done(verdict) }
    }

    private func drop(_ shared: SharedProbe, _ path: String) {
        if running[path] === shared { running[path] = nil }
        if let timer = shared.timer { loop.cancel(timer) }
        shared.timer = nil
        shared.askers = [:]
        shared.probe?.cancel()
        shared.probe = nil
    }

    private func probe(
        _ target: ProbeTarget, userAgent: String?, _ done: @escaping (ProbeVerdict) -> Void
    ) -> any RunningProbe {
        var place = address
        place.port = target.port
        switch target.check {
        case .tcp:
            return SocketProbe(to: place, loop: loop, exchange: nil, done)
        case .grpc(let service):
            let exchange = GRPCHealthExchange(service: service, authority: place.description)
            return SocketProbe(to: place, loop: loop, exchange: exchange, done)
        case .http(let isTLS, let path, let headers):
            return HTTPProbe(
                to: place, loop: loop, tls: isTLS ? anyCertificate : nil,
                request: HTTPProbeRequest(path: path, headers: headers, userAgent: userAgent), done)
        }
    }
}

/// A probe that is under way, and everybody who waits for its verdict: as many as the port has connections.
private final class SharedProbe {
    var probe: (any RunningProbe)?
    var timer: EventTimer?
    var askers: [Int: (ProbeVerdict) -> Void] = [:]
}

/// One probe on its way. It calls its closure at most once, later than `start`, and never after `cancel`.
protocol RunningProbe: AnyObject {
    func start()
    func cancel()
}
