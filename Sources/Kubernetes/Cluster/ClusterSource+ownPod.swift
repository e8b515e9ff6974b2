internal import GatewayAPI
internal import Reactor

/// A sidecar's own Services: those whose selector the labels of its pod satisfy. Their endpoints are always read, because what
/// comes in at the pod is judged by them.
extension ClusterSource {
    private static let podKind = APIKind(group: "", versions: ["v1"], plural: "pods", kind: "Pod")

    func startOwnPod() {
        guard case .sidecar(let pod) = scope, let loop else { return }
        let only = WatchScope(namespace: pod.namespace, fieldSelector: "metadata.name=\(pod.name)")
        podWatch = begin(Self.podKind, only, label: "Pod", on: loop) { [weak self] event in
            guard let self else { return }
            switch event {
            case .changed(let object): podLabels = Self.labels(of: object)
            case .removed, .absent: podLabels = nil
            case .synced, .interrupted: break
            }
            findOwnServices()
        }
    }

    /// Without its pod's labels (no such pod at the server, or it may not be read) a sidecar reads the EndpointSlices of its whole
    /// namespace, and finds its own Services by its address in them.
    func findOwnServices() {
        guard case .sidecar(let pod) = scope, podWatch?.isSettled ?? false else { return }
        guard let podLabels else {
            interest.wholeNamespace = pod.namespace
            interest.own = []
            return reconcileEndpoints()
        }
        interest.wholeNamespace = nil
        let own = resources.services.values.filter {
            $0.metadata.key.namespace == pod.namespace && $0.selects(podLabels)
        }
        interest.own = Set(own.map(\.metadata.key))
        reconcileEndpoints()
    }

    /// The own Services, and what leads to them, are known.
    var isOwnPodSettled: Bool {
        guard case .sidecar = scope else { return true }
        return podWatch?.isSettled ?? false
    }

    private static func labels(of pod: Node) -> [String: String] {
        var labels: [String: String] = [:]
        for label in pod["metadata"]?["labels"]?.members ?? [] { labels[label.key] = label.value.stringValue }
        return labels
    }
}
