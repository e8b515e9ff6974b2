internal import GatewayAPI

extension PlanBuilder {
    /// Why a Backend that was read cannot be used here; nil when it can. Reported once.
    func defect(of backend: Backend) -> String? {
        let key = backend.metadata.key
        if let known = backendDefects[key] { return known }
        // Endpoints change without a plan: a proxy looks at theirs whenever it lays out its own.
        var endpoints: Set<IPAddress> = []
        if case .cluster = scope { endpoints = endpointAddresses }
        let refusal = backendScreen.refusal(of: backend, in: resources, endpoints: endpoints, searching: searched)
        var defect: String?
        if let refusal {
            let host = refusal.host.map { backend.hosts[$0].host } ?? ""
            defect = host.isEmpty ? refusal.reason : "host \(host) \(refusal.reason)"
            report(
                Problem(
                    severity: .error, id: refusal.host == nil ? .unusableTarget : .addressRefused,
                    object: "Backend \(key)",
                    field: refusal.host.map { "spec.static.hosts[\($0)].host" } ?? "metadata.namespace",
                    value: refusal.host == nil ? key.namespace : host,
                    message: "\(refusal.reason); the Backend is refused and its share answers 500"))
        }
        backendDefects[key] = .some(defect)
        return defect
    }

    /// The namespaces whose names the proxy's resolver searches.
    private var searched: [String] {
        switch scope {
        case .gateway(let gateway): [gateway.namespace]
        case .sidecar(let pod, _): [pod.namespace]
        case .cluster: []
        }
    }
}
