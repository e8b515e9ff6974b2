internal import GatewayAPI

/// What in a pod would make its proxy useless or keep it from starting.
struct PodConflicts {
    private(set) var problems = PodProblems()
    private let request: InjectionRequest

    init(in pod: Node, request: InjectionRequest, settings: InjectionSettings) {
        self.request = request
        guard let spec = pod["spec"] else { return }
        checkUsers(spec, "spec.")
        checkMode(spec, settings)
        // Nobody may make a pod with the third kind, and nothing of ours is ever among them.
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            for (index, container) in (spec[list]?.elements ?? []).enumerated() {
                check(container, "spec.\(list)[\(index)]")
            }
        }
        for (index, volume) in (spec["volumes"]?.elements ?? []).enumerated() {
            guard let name = volume.name, InjectionNames.volumes.contains(name) else { continue }
            report("spec.volumes[\(index)].name", name, "must differ: the name is the proxy's")
        }
    }

    private mutating func report(_ field: String, _ value: String, _ rule: String) {
        problems.add(request.problem(.error, field, value, rule + "; the pod is refused"))
    }

    private mutating func check(_ container: Node, _ field: String) {
        checkUsers(container, field + ".")
        if let name = container.name, InjectionNames.containers.contains(name) {
            report(
                "\(field).name", name,
                "must differ: the name is the proxy's, and the pod carries no \(InjectionAnnotation.status.key)")
        }
        for (index, port) in (container["ports"]?.elements ?? []).enumerated() {
            guard let number = port["containerPort"]?.integerValue, InjectionNames.proxyPorts.contains(number),
                port["protocol"]?.stringValue ?? "TCP" == "TCP"
            else { continue }
            report(
                "\(field).ports[\(index)].containerPort", String(number),
                "must not be 15000, 15001, 15006 or 15020, where the proxy listens")
        }
    }

    /// The redirection tells the proxy's connections from the workload's by their user and group.
    private mutating func checkUsers(_ node: Node, _ field: String) {
        for key in ["runAsUser", "runAsGroup"]
        where node.at("securityContext", key)?.integerValue == InjectionNames.proxyID {
            report(
                "\(field)securityContext.\(key)", String(InjectionNames.proxyID),
                "must differ: this is the proxy's, so the workload's traffic would pass it by")
        }
    }

    /// Nothing tells an ordinary container that the others have ended, so a pod that is to end by itself never would.
    private mutating func checkMode(_ spec: Node, _ settings: InjectionSettings) {
        guard settings.sidecar == .container, let policy = spec["restartPolicy"]?.stringValue, policy != "Always"
        else { return }
        report(
            "spec.restartPolicy", policy,
            "must be Always with \(InjectionAnnotation.sidecar.key): container, because such a proxy would keep a "
                + "finished pod running; use native (Kubernetes 1.29 and later)")
    }
}
