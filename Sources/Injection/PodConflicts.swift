internal import GatewayAPI

/// What in a pod would make its proxy useless or keep it from starting.
enum PodConflicts {
    static func find(in pod: Node, request: InjectionRequest, settings: InjectionSettings) -> [Problem] {
        guard let spec = pod["spec"] else { return [] }
        var problems = users(spec, request) + modes(spec, request, settings)
        for list in ["initContainers", "containers"] {
            for (index, container) in (spec[list]?.elements ?? []).enumerated() {
                problems += check(container, "spec.\(list)[\(index)]", request)
            }
        }
        for (index, volume) in (spec["volumes"]?.elements ?? []).enumerated() {
            guard let name = volume.name, InjectionNames.volumes.contains(name) else { continue }
            problems.append(
                request.problem(
                    .error, "spec.volumes[\(index)].name", name,
                    "must differ: the name is the proxy's; the pod is refused"))
        }
        return problems
    }

    private static func check(_ container: Node, _ field: String, _ request: InjectionRequest) -> [Problem] {
        var problems = users(container, request, field: field + ".")
        if let name = container.name, InjectionNames.containers.contains(name) {
            problems.append(
                request.problem(
                    .error, "\(field).name", name,
                    "must differ: the name is the proxy's, and the pod carries no \(InjectionAnnotation.status.key); "
                        + "the pod is refused"))
        }
        for (index, port) in (container["ports"]?.elements ?? []).enumerated() {
            guard let number = port["containerPort"]?.integerValue, InjectionNames.proxyPorts.contains(number),
                port["protocol"]?.stringValue ?? "TCP" == "TCP"
            else { continue }
            problems.append(
                request.problem(
                    .error, "\(field).ports[\(index)].containerPort", String(number),
                    "must not be 15000, 15001, 15006 or 15020, where the proxy listens; the pod is refused"))
        }
        return problems
    }

    /// The redirection tells the proxy's connections from the workload's by their user and group.
    private static func users(_ node: Node, _ request: InjectionRequest, field: String = "spec.") -> [Problem] {
        ["runAsUser", "runAsGroup"].compactMap { key in
            guard node.at("securityContext", key)?.integerValue == InjectionNames.proxyID else { return nil }
            return request.problem(
                .error, "\(field)securityContext.\(key)", String(InjectionNames.proxyID),
                "must differ: this is the proxy's, so the workload's traffic would pass it by; the pod is refused")
        }
    }

    /// Nothing tells an ordinary container that the others have ended, so a pod that is to end by itself never would.
    private static func modes(_ spec: Node, _ request: InjectionRequest, _ settings: InjectionSettings) -> [Problem] {
        guard settings.sidecar == .container, let policy = spec["restartPolicy"]?.stringValue,
            policy != "Always"
        else { return [] }
        return [
            request.problem(
                .error, "spec.restartPolicy", policy,
                "must be Always with \(InjectionAnnotation.sidecar.key): container, because such a proxy would keep a "
                    + "finished pod running; use native (Kubernetes 1.29 and later); the pod is refused")
        ]
    }
}
