internal import HTTP
internal import Reactor
internal import Telemetry

/// The telemetry port: health for the kubelet, metrics for Prometheus.
final class TelemetryRoutes {
    private unowned let runtime: ProxyRuntime

    init(runtime: ProxyRuntime) {
        self.runtime = runtime
    }

    func answer(_ request: ControlRequest) -> ControlResponse {
        guard request.method == .get || request.method == .head else { return .text(405, "only GET is answered here") }
        switch request.path {
        case "/healthz/live": return .text(200, "live")
        case "/healthz/ready": return readiness()
        case "/metrics":
            return ControlResponse(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: runtime.renderMetrics())
        default: return .text(404, "known paths: /healthz/live, /healthz/ready, /metrics")
        }
    }

    private func readiness() -> ControlResponse {
        if runtime.isReady { return .text(200, "ready") }
        if runtime.isDraining { return .text(503, "draining") }
        return .text(
            503,
            runtime.isSourceKnown
                ? "waiting for the doors to open" : "waiting for the resources, or for the Gateway in them")
    }
}
