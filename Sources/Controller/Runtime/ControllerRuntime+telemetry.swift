internal import ControlHTTP

/// The telemetry port: health for the kubelet, metrics for Prometheus.
extension ControllerRuntime {
    func answer(_ request: HTTPServerRequest) -> HTTPAnswer {
        guard request.isRead else { return .methodNotAllowed(knowing: "GET", "HEAD") }
        switch request.path {
        case "/healthz/live": return .text(200, "live")
        case "/healthz/ready":
            guard let reason = unreadiness else { return .text(200, "ready") }
            return .text(503, reason)
        case "/metrics":
            return HTTPAnswer(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: metrics.render())
        default: return .text(404, "known paths: /healthz/live, /healthz/ready, /metrics")
        }
    }

    private var metrics: ControllerMetrics {
        ControllerMetrics(
            version: options.version, isReady: unreadiness == nil, isLeader: isLeader, cluster: cluster?.metrics,
            folder: folder.map { (isHealthy: $0.isHealthy, problems: $0.problems.count) },
            served: servedAPI.map { ControllerMetrics.Served(counters: $0.counters, objects: cache?.objectCount ?? 0) })
    }

    /// Without an election there is nobody else to lead.
    var isLeader: Bool { cluster != nil && !isDraining && (election?.isLeader ?? true) }

    /// What is waited for; nil when it is ready.
    private var unreadiness: String? {
        if isDraining { return "draining" }
        if let cluster, !cluster.isSynced { return "waiting for the API server's lists" }
        if let injection, !injection.isServing { return "waiting for the webhook's certificate" }
        if let folder, !folder.isKnown { return "waiting for the folder of manifests" }
        if let cache, !cache.isReady { return "waiting for what is served" }
        return nil
    }
}
