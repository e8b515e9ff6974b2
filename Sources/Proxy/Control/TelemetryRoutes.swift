internal import ControlHTTP
internal import GatewayAPI
internal import Kubernetes
internal import Reactor
internal import Telemetry

/// The telemetry port: health for the kubelet, metrics for Prometheus.
final class TelemetryRoutes {
    private unowned let runtime: ProxyRuntime

    init(runtime: ProxyRuntime) {
        self.runtime = runtime
    }

    func answer(_ request: HTTPServerRequest) -> HTTPAnswer {
        guard request.isRead else { return .text(405, "only GET is answered here") }
        switch request.path {
        case "/healthz/live": return .text(200, "live")
        case "/healthz/ready": return readiness()
        case "/status":
            return HTTPAnswer(
                status: 200, contentType: "application/json", body: Array((status.text() + "\n").utf8))
        case "/metrics":
            return HTTPAnswer(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: runtime.renderMetrics())
        default: return .text(404, "known paths: /healthz/live, /healthz/ready, /metrics, /status")
        }
    }

    /// What `weir status` shows of this proxy: nothing about anybody's resources, since every pod can reach this port.
    private var status: JSONText {
        let version = Int64(clamping: runtime.latest?.version ?? 0)
        let age = runtime.latest.map { _ in
            JSONText.number(Int64(clamping: (Clock.now() &- runtime.publishedAt) / ProxyLimits.second))
        }
        return .object([
            ("version", .string(runtime.options.version)), ("ready", .bool(runtime.isReady)),
            ("draining", .bool(runtime.isDraining)),
            ("snapshot", .object([("version", .number(version)), ("ageSeconds", age ?? .null)])),
            (
                "source",
                .object([
                    ("healthy", .bool(runtime.source.isHealthy)),
                    ("problems", .number(Int64(runtime.problems.count))),
                ])
            ),
        ])
    }

    private func readiness() -> HTTPAnswer {
        if runtime.isReady { return .text(200, "ready") }
        if runtime.isDraining { return .text(503, "draining") }
        return .text(
            503,
            runtime.isSourceKnown
                ? "waiting for the doors to open" : "waiting for the resources, or for the Gateway in them")
    }
}
