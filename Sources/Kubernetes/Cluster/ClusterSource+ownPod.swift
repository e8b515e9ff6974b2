internal import GatewayAPI
internal import Reactor

/// A sidecar's own Services: those whose selector the labels of its pod satisfy. Their endpoints are always read,
/// because what comes in at the pod is judged by them.
extension ClusterSource {
    private static let podKind = APIKind(group: "", versions: ["v1"], plural: "pods", kind: "Pod")

    func startOwnPod() {
        guard case .sidecar(let pod) = scope, let loop else { return }
        if let podLabelsFile { return keepReading(podLabelsFile, on: loop) }
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

    private func keepReading(_ file: PodLabelsFile, on loop: EventLoop) {
        readPodLabels()
        loop.after(file.interval) { [weak self] in self?.keepReading(file, on: loop) }
    }

    /// What was read last stays in use while the file cannot be read.
    func readPodLabels() {
        guard case .sidecar = scope, let podLabelsFile else { return }
        let before = podLabels
        do throws(ConfigurationError) {
            podLabels = try podLabelsFile.read()
            forgetTrouble(Self.podLabelsName)
        } catch {
            let use =
                podLabels == nil ? "EndpointSlices of the whole namespace are read" : "its last labels stay in use"
            noteTrouble(Self.podLabelsName, "labels of the pod: \(error); \(use)")
        }
        if podLabels != before { findOwnServices() }
        schedule(after: ClusterLimits.changeWindow)
    }

    private static let podLabelsName = "Pod labels"

    /// Without its pod's labels (no such pod at the server, or it may not be read) a sidecar reads the EndpointSlices
    /// of its whole namespace, and finds its own Services by its address in them.
    /// - Parameter changed: the Services that have to be looked at; nil for all.
    func findOwnServices(_ changed: Set<ObjectKey>? = nil) {
        guard case .sidecar(let pod) = scope, isOwnPodSettled else { return }
        guard let podLabels else {
            interest.wholeNamespace = pod.namespace
            interest.own = []
            return reconcileEndpoints()
        }
        interest.wholeNamespace = nil
        func isOwn(_ key: ObjectKey) -> Bool {
            key.namespace == pod.namespace && resources.services[key]?.selects(podLabels) ?? false
        }
        if let changed {
            interest.own.subtract(changed)
            interest.own.formUnion(changed.filter(isOwn))
        } else {
            interest.own = resources.services.keys(in: pod.namespace, selecting: podLabels)
        }
        reconcileEndpoints()
    }

    /// The own Services, and what leads to them, are known.
    var isOwnPodSettled: Bool {
        guard case .sidecar = scope else { return true }
        return podLabelsFile != nil || podWatch?.isSettled ?? false
    }

    private static func labels(of pod: Node) -> [String: String] {
        var labels: [String: String] = [:]
        for label in pod["metadata"]?["labels"]?.members ?? [] { labels[label.key] = label.value.stringValue }
        return labels
    }
}
