internal import GatewayAPI

/// Whether what calls itself a pod has the shape of one, as far as injection reads or changes it. Anything else would
/// be patched into something that its owner did not write, or past what is wrong with it.
struct PodShape {
    private(set) var problems = PodProblems()
    private let request: InjectionRequest

    private enum Form: String {
        case mapping = "a mapping"
        case list = "a list"
    }

    init(_ request: InjectionRequest) {
        self.request = request
        let pod = request.pod
        check(pod["metadata"], .mapping, "metadata")
        for field in ["labels", "annotations"] {
            check(pod.at("metadata", field), .mapping, "metadata.\(field)")
            checkTexts(pod.at("metadata", field)?.members ?? [], "metadata.\(field)")
        }
        checkSize(of: pod.at("metadata", "annotations")?.members ?? [])
        guard let spec = pod["spec"], case .mapping = spec.value else {
            report("spec", "must be a pod's specification")
            return
        }
        check(spec["securityContext"], .mapping, "spec.securityContext")
        for list in ["initContainers", "containers"] { checkContainers(spec[list], "spec.\(list)") }
        checkNamed(spec["volumes"], "spec.volumes")
        check(spec["imagePullSecrets"], .list, "spec.imagePullSecrets")
        if case .sequence(let containers)? = spec["containers"]?.value, !containers.isEmpty { return }
        guard !problems.shown.contains(where: { $0.field == request.fieldPrefix + "spec.containers" }) else { return }
        report("spec.containers", "must have a container")
    }

    /// Null stands for nothing, as it does to Kubernetes.
    private mutating func check(_ node: Node?, _ form: Form, _ field: String) {
        switch (node?.value, form) {
        case (nil, _), (.null?, _), (.mapping?, .mapping), (.sequence?, .list): return
        default: report(field, "must be \(form.rawValue)")
        }
    }

    /// `proxy-workers: 2` without quotes is a number to YAML, which Kubernetes refuses.
    private mutating func checkTexts(_ members: [Node.Entry], _ field: String) {
        for entry in members where entry.value.stringValue == nil {
            if entry.value.value == .null, !entry.key.hasPrefix(InjectionNames.prefix) { continue }
            let name = VisibleText.of(entry.key, bytes: InjectionLimits.shownBytes)
            report("\(field)[\(name)]", "must be a string, so put it in quotes")
        }
    }

    private mutating func checkSize(of annotations: [Node.Entry]) {
        let bytes = annotations.reduce(0) { $0 + $1.key.utf8.count + ($1.value.stringValue?.utf8.count ?? 0) }
        guard bytes > InjectionLimits.allAnnotationsBytes else { return }
        report(
            "metadata.annotations",
            "must have \(InjectionLimits.allAnnotationsBytes) bytes at most in all, as the API server demands")
    }

    /// Elements with a name of their own.
    private mutating func checkNamed(_ list: Node?, _ field: String) {
        check(list, .list, field)
        for (index, element) in (list?.elements ?? []).enumerated() {
            guard case .mapping = element.value else {
                report("\(field)[\(index)]", "must be a mapping with a name")
                continue
            }
            if element.name?.isEmpty ?? true { report("\(field)[\(index)].name", "must be a name") }
        }
    }

    private mutating func checkContainers(_ list: Node?, _ field: String) {
        checkNamed(list, field)
        for (index, container) in (list?.elements ?? []).enumerated() {
            for member in ["securityContext", "lifecycle", "startupProbe", "livenessProbe", "readinessProbe"] {
                check(container[member], .mapping, "\(field)[\(index)].\(member)")
            }
            for hook in ["postStart", "preStop"] {
                check(container.at("lifecycle", hook), .mapping, "\(field)[\(index)].lifecycle.\(hook)")
            }
            check(container["ports"], .list, "\(field)[\(index)].ports")
        }
    }

    private mutating func report(_ field: String, _ rule: String) {
        problems.add(request.problem(.error, field, "", rule + "; the pod is refused"))
    }
}
