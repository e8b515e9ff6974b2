internal import ControlHTTP
internal import Reactor
internal import TLS

/// An HTTP probe: the status of one GET, redirects within the host followed.
final class HTTPProbe: RunningProbe {
    private let client: HTTPClient
    private let host: String
    private var request: HTTPProbeRequest
    private var redirects = 0
    private var call: HTTPCall?
    private var done: ((ProbeVerdict) -> Void)?

    init(
        to address: SocketAddress, loop: EventLoop, tls: TLSClientContext?, request: HTTPProbeRequest,
        _ done: @escaping (ProbeVerdict) -> Void
    ) {
        let text = address.host
        host = address.isIPv6 ? "[\(text)]" : text
        var limits = HTTPClientLimits()
        // The probe has a time of its own.
        limits.connectTimeout = UInt64(ProbeLimits.longestTimeout) * ProxyLimits.second
        limits.handshakeTimeout = limits.connectTimeout
        client = HTTPClient(
            loop: loop, endpoint: HTTPEndpoint(host: text, port: address.port, tls: tls), limits: limits)
        self.request = request
        self.done = done
    }

    func start() {
        call = client.send(request.request) { [weak self] head in
            self?.received(head)
        } onBody: { _ in
        } done: { [weak self] result in
            if case .failure(let error) = result { self?.finish(.unhealthy("\(error)")) }
        }
    }

    func cancel() {
        done = nil
        call?.cancel()
        call = nil
        client.close()
    }

    /// The head says it all; the rest of the response is not waited for.
    private func received(_ head: HTTPResponseHead) {
        call?.cancel()
        guard (300..<400).contains(head.status), let location = head.fields["location"] else {
            let isHealthy = (200..<400).contains(head.status)
            return finish(isHealthy ? .healthy : ProbeVerdict(status: head.status, text: "status \(head.status)"))
        }
        // A redirect elsewhere is an answer, and the kubelet takes it for a healthy one.
        guard let next = request.redirected(to: location, host: host) else { return finish(.healthy) }
        redirects += 1
        guard redirects <= ProbeLimits.redirects else {
            return finish(.unhealthy("more than \(ProbeLimits.redirects) redirects"))
        }
        request = next
        start()
    }

    private func finish(_ verdict: ProbeVerdict) {
        guard let done else { return }
        self.done = nil
        done(verdict)
    }
}
