internal import GatewayAPI

/// The changes to one pod that has nothing of ours in it.
struct PodPatch {
    private(set) var pod: Node
    private(set) var problems = PodProblems()
    private let request: InjectionRequest
    private let settings: InjectionSettings
    private let amendments: InjectionAmendments

    private static let defaultContainer = "kubectl.kubernetes.io/default-container"

    init(pod: Node, request: InjectionRequest, settings: InjectionSettings, amendments: InjectionAmendments) {
        self.pod = pod
        self.request = request
        self.settings = settings
        self.amendments = amendments
    }

    mutating func apply() {
        guard var spec = pod["spec"] else { return }
        let firstContainer = spec["containers"]?.elements.first?.name
        let gracePeriod = TerminationDelay.gracePeriod(spec)
        let delay = TerminationDelay.milliseconds(spec: spec, settings: settings)
        let probes = rewriteContainers(&spec, gracePeriod: gracePeriod, delays: delay > 0)
        let proxy = ProxyContainer(
            settings: settings, probes: probes, terminationDelay: delay, gracePeriod: gracePeriod)
        let redirect = RedirectContainer.node(settings)
        insert(
            amendments.kept(in: proxy.node, settings: settings), amendments.kept(in: redirect, settings: settings),
            into: &spec)
        append("volumes", [RedirectContainer.volume, ProxyVolume(settings: settings).node], to: &spec)
        let secrets = settings.imagePullSecrets.map { Node.mapping(["name": .string($0)]) }
        append("imagePullSecrets", secrets, to: &spec)
        pod.set("spec", spec)
        mark(firstContainer)
    }

    private mutating func rewriteContainers(_ spec: inout Node, gracePeriod: Int64, delays: Bool) -> ProbeTable {
        var rewrite = ProbeRewrite(request, gracePeriod: gracePeriod)
        for list in ["initContainers", "containers"] {
            spec.updateElements(list) { containers in
                containers.enumerated().map { index, container in
                    // An init container that ends has no probes; one that stays is a sidecar of the workload's own.
                    let isSidecar = container["restartPolicy"]?.stringValue == "Always"
                    guard list == "containers" || isSidecar else { return container }
                    var result = container
                    if settings.rewritesProbes { result = rewrite.rewrite(result, field: "spec.\(list)[\(index)]") }
                    return delays && list == "containers" ? TerminationDelay.added(to: result) : result
                }
            }
        }
        problems.add(rewrite.problems)
        return rewrite.table
    }

    /// A native sidecar comes first of all, so that the workload's own init containers are in the mesh as well.
    /// Otherwise they run before the redirection: after it, and before the proxy, they would have no network.
    private func insert(_ proxy: Node, _ redirect: Node, into spec: inout Node) {
        let initContainers = spec["initContainers"]?.elements ?? []
        switch settings.sidecar {
        case .native:
            spec.set("initContainers", .sequence([redirect, proxy] + initContainers))
        case .container:
            spec.set("initContainers", .sequence(initContainers + [redirect]))
            spec.set("containers", .sequence([proxy] + (spec["containers"]?.elements ?? [])))
        }
    }

    /// Adds elements by name; what is there already stays.
    private func append(_ list: String, _ additions: [Node], to spec: inout Node) {
        let present = spec[list]?.elements ?? []
        let missing = additions.filter { addition in !present.contains { $0.name == addition.name } }
        guard !missing.isEmpty else { return }
        spec.set(list, .sequence(present + missing))
    }

    private mutating func mark(_ firstContainer: String?) {
        let isFirst = settings.sidecar == .container
        let status = settings.statusText
        pod.update("metadata") { metadata in
            metadata.update("labels") { $0.set(InjectionNames.proxyLabel, "sidecar") }
            metadata.update("annotations") { annotations in
                // Else kubectl's logs and exec would mean the proxy, which comes first.
                if isFirst, let firstContainer, annotations[Self.defaultContainer] == nil {
                    annotations.set(Self.defaultContainer, .string(firstContainer))
                }
                annotations.set(InjectionAnnotation.status.key, .string(status))
            }
        }
    }
}
