internal import Injection
internal import Reactor
internal import TLS

/// Makes the kubelet's probes in its place, to the workload itself: past the doors, so that neither routes nor the door's own
/// accepting of connections decide what is healthy. Only the probes of the table are made.
final class ProbeRunner {
    private let table: ProbeTable
    /// The pod's address, which is what the kubelet would have asked: a workload may listen there alone.
    private let address: SocketAddress
    private let loop: EventLoop
    private var running: [Int: any RunningProbe] = [:]
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

    /// Calls `done` once, later, unless the returned closure is called before.
    func run(_ path: String, userAgent: String?, _ done: @escaping (ProbeVerdict) -> Void) -> () -> Void {
        guard let target = table[path] else {
            loop.after(0) { done(ProbeVerdict(status: 404, text: "this pod has no such probe")) }
            return {}
        }
        guard running.count < ProbeLimits.running else {
            loop.after(0) { done(.unhealthy("\(ProbeLimits.running) probes are under way already")) }
            return {}
        }
        lastNumber += 1
        let number = lastNumber
        let timeout = UInt64(min(max(target.timeout, 1), ProbeLimits.longestTimeout)) * ProxyLimits.second
        let timer = loop.after(timeout) { [weak self] in
            self?.end(number, .unhealthy("no answer within \(target.timeout) s"), done)
        }
        let probe = probe(target, userAgent: userAgent) { [weak self] verdict in
            guard let self else { return }
            loop.cancel(timer)
            end(number, verdict, done)
        }
        running[number] = probe
        probe.start()
        return { [weak self] in
            self?.loop.cancel(timer)
            self?.running.removeValue(forKey: number)?.cancel()
        }
    }

    private func end(_ number: Int, _ verdict: ProbeVerdict, _ done: (ProbeVerdict) -> Void) {
        guard let probe = running.removeValue(forKey: number) else { return }
        probe.cancel()
        done(verdict)
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

/// One probe on its way. It calls its closure at most once, later than `start`, and never after `cancel`.
protocol RunningProbe: AnyObject {
    func start()
    func cancel()
}
