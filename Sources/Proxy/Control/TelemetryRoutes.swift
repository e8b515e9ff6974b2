internal import ControlHTTP
internal import GatewayAPI
internal import HTTP
internal import Injection
internal import Kubernetes
internal import Reactor
internal import Telemetry

/// The telemetry port: health for the kubelet, metrics for Prometheus, and what an injected pod's probes and hooks ask
/// for.
final class TelemetryRoutes {
    private unowned let runtime: ProxyRuntime
    private let probes: ProbeRunner
    /// Nil at a gateway: only injected pods have containers that wait.
    private let hooks: TerminationHooks?
    private var metrics = SharedRendering()
    /// Where these are served.
    weak var server: HTTPServer?

    init(runtime: ProxyRuntime) {
        self.runtime = runtime
        let options = runtime.options
        probes = ProbeRunner(table: options.probes, address: options.probedAddress, loop: runtime.loop)
        hooks =
            if case .sidecar = options.role {
                TerminationHooks(delay: options.terminationDelay, loop: runtime.loop)
            } else { nil }
    }

    func answer(_ request: HTTPServerRequest, _ stream: HTTPServerStream) {
        guard request.isRead else { return stream.respond(.methodNotAllowed(knowing: "GET", "HEAD")) }
        switch request.path {
        case "/healthz/live": stream.respond(.text(200, "live"))
        case "/healthz/ready": stream.respond(readiness())
        case "/metrics":
            let body = metrics.bytes(waiting: server?.waitingBytes ?? 0) { runtime.renderMetrics() }
            stream.respond(
                HTTPAnswer(status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: body))
        case "/status":
            stream.respond(
                HTTPAnswer(
                    status: 200, contentType: "application/json", body: Array((status.text() + "\n").utf8)))
        case InjectionNames.terminationDelayPath:
            guard let hooks else { return stream.respond(unknownPath) }
            stream.onClose = hooks.wait { stream.respond(.text(200, "the delay is over")) }
        case let path where probes.knows(path):
            stream.onClose = probes.run(path, userAgent: request.fields["user-agent"]) { verdict in
                stream.respond(.text(verdict.status, verdict.text))
            }
        default:
            stream.respond(unknownPath)
        }
    }

    private let unknownPath = HTTPAnswer.text(404, "known paths: /healthz/live, /healthz/ready, /metrics, /status")

    /// What `weir status` shows of this proxy: nothing about anybody's resources, since every pod can reach this port.
    private var status: JSONText {
        let version = Int64(clamping: runtime.servedVersion)
        let age = runtime.servedAge.map { JSONText.number(Int64(clamping: $0)) }
        return .object([
            ("version", .string(runtime.options.version)), ("ready", .bool(runtime.isReady)),
            ("draining", .bool(runtime.isDraining)),
            (
                "snapshot",
                .object([
                    ("version", .number(version)), ("ageSeconds", age ?? .null),
                    (
                        "publishedAtSeconds",
                        runtime.latest == nil ? .null : .number(Int64(clamping: runtime.servedWall / 1000))
                    ),
                ])
            ),
            (
                "source",
                .object([
                    ("healthy", .bool(runtime.source.isHealthy)),
                    ("problems", .number(Int64(runtime.problems.count))),
                ])
            ),
            ("rules", runtime.rulesWatch?.rules.json ?? .null),
        ])
    }

    private func readiness() -> HTTPAnswer {
        if runtime.isReady { return .text(200, "ready") }
        if runtime.isDraining { return .text(503, "draining") }
        if runtime.workersBehind > 0 { return .text(503, "a worker has not taken up the newest configuration") }
        return .text(
            503,
            runtime.isSourceKnown
                ? "waiting for the doors to open" : "waiting for the resources, or for the Gateway in them")
    }
}

extension ProxyOptions {
    /// The pod's first address, which the kubelet uses.
    fileprivate var probedAddress: SocketAddress {
        guard case .sidecar(_, let addresses, _, _) = role, let first = addresses.first else {
            return SocketAddress(high: 0, low: 0x7f00_0001, port: 0, isIPv6: false)
        }
        return SocketAddress(high: first.high, low: first.low, port: 0, isIPv6: first.isIPv6)
    }
}
