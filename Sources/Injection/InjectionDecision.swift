internal import GatewayAPI

/// Whether a pod is to be injected at all.
enum InjectionDecision {
    case inject
    /// With a warning where the owner may have expected otherwise.
    case skip(String, Problem?)
    case refuse(String, Problem)

    static func decide(_ request: InjectionRequest, settings: InjectionSettings) -> InjectionDecision {
        if let reason = exemption(request, settings) { return leave(request, reason, nil) }
        let label = request.pod.label(InjectionAnnotation.inject.key)
        let annotation = request.pod.annotation(InjectionAnnotation.inject.key)
        for (field, value) in [("labels", label), ("annotations", annotation)] {
            if let value, wish(value) == nil {
                return .refuse("what it asks for is unclear", unclear(request, field, value))
            }
        }
        if let label, let annotation, label != annotation {
            return .refuse("its label and its annotation disagree", contradiction(request, annotation))
        }
        let wished = (label ?? annotation).flatMap(wish)
        guard wished ?? isAskedForAround(request) else {
            let reason = wished == nil ? "its namespace is not labelled for injection" : "it asks not to be injected"
            return .skip(reason, nil)
        }
        if var obstacle = obstacle(request) {
            // A namespace's label speaks for all of its pods, agents of nodes included; a pod's own speaks for itself.
            guard wished == true || request.basis == .command else {
                obstacle.severity = .warning
                return leave(request, obstacle.message, obstacle)
            }
            return .refuse(obstacle.message, obstacle)
        }
        return .inject
    }

    /// The pod stays as it is, unless it brings a redirect container, which is made of the operator's image alone:
    /// policies that let it have its capabilities go by its name.
    private static func leave(_ request: InjectionRequest, _ reason: String, _ problem: Problem?) -> InjectionDecision {
        guard case .namespace = request.basis, !InjectionNames.protectedNamespaces.contains(request.namespace) else {
            return .skip(reason, problem)
        }
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            let names = (request.pod.at("spec", list)?.elements ?? []).map(\.name)
            guard let index = names.firstIndex(of: InjectionNames.redirectContainer) else { continue }
            return .refuse(
                reason,
                request.problem(
                    .error, "spec.\(list)[\(index)].name", InjectionNames.redirectContainer,
                    "must differ: the name is the redirect container's, and this pod is not injected: \(reason); the pod is refused"
                ))
        }
        return .skip(reason, problem)
    }

    /// `enabled` or `disabled`; anything else is unclear.
    static func wish(_ value: String) -> Bool? {
        switch value {
        case "enabled": true
        case "disabled": false
        default: nil
        }
    }

    private static func isAskedForAround(_ request: InjectionRequest) -> Bool {
        switch request.basis {
        case .command: true
        case .namespace(let labels): labels[InjectionAnnotation.inject.key].flatMap(wish) ?? false
        }
    }

    /// Pods that are never injected, whatever they ask for.
    private static func exemption(_ request: InjectionRequest, _ settings: InjectionSettings) -> String? {
        let namespace = request.namespace
        if InjectionNames.protectedNamespaces.contains(namespace) || namespace == settings.systemNamespace {
            return "pods in namespace \(namespace) are never injected"
        }
        if request.pod.label("gateway.networking.k8s.io/gateway-name") != nil {
            return "it is a gateway, which takes its traffic by itself"
        }
        if request.pod.annotation("kubernetes.io/config.mirror") != nil {
            return "it mirrors a static pod, which only its node can change"
        }
        return nil
    }

    /// What makes a redirection of this pod impossible or harmful.
    private static func obstacle(_ request: InjectionRequest) -> Problem? {
        let spec = request.pod["spec"]
        if spec?["hostNetwork"]?.boolValue == true {
            return request.problem(
                .error, "spec.hostNetwork", "true",
                "a pod in its node's network cannot be injected: the redirection would take the traffic of the whole node"
            )
        }
        if spec?.at("os", "name")?.stringValue == "windows" {
            return request.problem(.error, "spec.os.name", "windows", "only Linux pods can be injected")
        }
        return nil
    }

    private static func unclear(_ request: InjectionRequest, _ field: String, _ value: String) -> Problem {
        request.problem(
            .error, "metadata.\(field)[\(InjectionAnnotation.inject.key)]", value,
            "must be enabled or disabled; the pod is refused")
    }

    private static func contradiction(_ request: InjectionRequest, _ value: String) -> Problem {
        request.problem(
            .error, "metadata.annotations[\(InjectionAnnotation.inject.key)]", value,
            "must say the same as the label of that name, or be left out; the pod is refused")
    }
}
