internal import GatewayAPI
internal import Interception

/// The settings for one pod: the mesh's, changed by what the pod's annotations say.
struct PodSettings {
    private(set) var settings: InjectionSettings
    /// An error for each value that cannot be used, a warning for each name that does not exist.
    private(set) var problems = PodProblems()
    private var advised = 0
    private let request: InjectionRequest

    static let workers: ClosedRange<Int> = 1...256
    /// Milliseconds.
    static let maximumTerminationDelay: UInt64 = 300_000

    init(_ request: InjectionRequest, settings: InjectionSettings) {
        self.settings = settings
        self.request = request
        for (key, value) in request.pod.metadataTexts("annotations") where key.hasPrefix(InjectionNames.prefix) {
            if let annotation = InjectionAnnotation(key: key) {
                apply(annotation, value)
            } else {
                reportUnknown("annotations", key, value)
            }
        }
        for (key, value) in request.pod.metadataTexts("labels") where key.hasPrefix(InjectionNames.prefix) {
            // The second is ours: the pod has been injected before, perhaps a moment ago.
            let known = [InjectionAnnotation.inject.key, InjectionNames.proxyLabel]
            if !known.contains(key) { reportUnknown("labels", key, value) }
        }
        checkAmounts()
    }

    private mutating func apply(_ annotation: InjectionAnnotation, _ value: String) {
        guard value.utf8.count <= InjectionLimits.annotationBytes else {
            return refuse(annotation, value, "must have \(InjectionLimits.annotationBytes) bytes at most")
        }
        switch annotation {
        case .inject, .status: break
        case .sidecar:
            choose(annotation, value, SidecarMode.allCases.map(\.rawValue)) {
                $0.sidecar = SidecarMode(rawValue: value) ?? $0.sidecar
            }
        case .proxyImage:
            chooseImage(annotation, value)
        case .proxyCPURequest: amount(annotation, value) { $0.cpuRequest = value }
        case .proxyCPULimit: amount(annotation, value) { $0.cpuLimit = value }
        case .proxyMemoryRequest: amount(annotation, value) { $0.memoryRequest = value }
        case .proxyMemoryLimit: amount(annotation, value) { $0.memoryLimit = value }
        case .proxyWorkers:
            guard let workers = Int(value), Self.workers.contains(workers) else {
                return refuse(annotation, value, "must be a number in 1..256")
            }
            settings.workers = workers
        case .logLevel: choose(annotation, value, ["error", "warn", "info", "debug"]) { $0.logLevel = value }
        case .accessLog: choose(annotation, value, ["off", "errors", "all"]) { $0.accessLog = value }
        case .drainTimeout:
            GatewayDuration.parse(value) == nil
                ? refuse(annotation, value, GatewayDuration.rule) : (settings.drainTimeout = value)
        case .terminationDelay:
            guard let delay = GatewayDuration.parse(value), delay <= Self.maximumTerminationDelay else {
                return refuse(annotation, value, GatewayDuration.rule + ", 5m at most; 0s for none")
            }
            settings.terminationDelay = delay
        case .rewriteProbes: choose(annotation, value, ["true", "false"]) { $0.rewritesProbes = value == "true" }
        case .excludeInboundPorts: exclude(annotation, value, \.excludeInboundPorts)
        case .excludeOutboundPorts: exclude(annotation, value, \.excludeOutboundPorts)
        case .excludeOutboundCIDRs: exclude(annotation, value, \.excludeOutboundCIDRs)
        }
    }

    private mutating func choose(
        _ annotation: InjectionAnnotation, _ value: String, _ allowed: [String],
        _ use: (inout InjectionSettings) -> Void
    ) {
        guard allowed.contains(value) else {
            return refuse(annotation, value, "must be one of \(allowed.joined(separator: ", "))")
        }
        use(&settings)
    }

    /// Whoever makes pods is not the one who says which programs the mesh consists of: the operator allows
    /// repositories.
    private mutating func chooseImage(_ annotation: InjectionAnnotation, _ value: String) {
        guard let image = ImageReference(value) else { return refuse(annotation, value, ImageReference.rule) }
        let allowed = settings.allowedProxyRepositories
        guard allowed.contains(image.repository) else {
            let rule =
                allowed.isEmpty
                ? "must be left out: the operator allows pods no image but the mesh's (--allowed-proxy-images)"
                : "must be of a repository that the operator allows (--allowed-proxy-images): "
                    + allowed.sorted().joined(separator: ", ")
            return refuse(annotation, value, rule)
        }
        settings.podProxyImage = value
    }

    private mutating func amount(
        _ annotation: InjectionAnnotation, _ value: String, _ use: (inout ResourceAmounts) -> Void
    ) {
        guard Quantity.amount(value) != nil else { return refuse(annotation, value, Quantity.rule) }
        use(&settings.resources)
    }

    /// A pod adds to what the mesh leaves alone. The redirect container's own reader of such lists is the judge.
    private mutating func exclude(
        _ annotation: InjectionAnnotation, _ value: String, _ list: WritableKeyPath<InjectionSettings, String>
    ) {
        do throws(InterceptError) {
            switch annotation {
            case .excludeOutboundCIDRs: _ = try CIDR.list(parsing: value, flag: annotation.key)
            default: _ = try PortList(parsing: value, flag: annotation.key)
            }
            let both = [settings[keyPath: list], value].filter { !$0.isEmpty }
            settings[keyPath: list] = both.joined(separator: ",")
        } catch {
            guard case .invalidValue(_, _, let allowed, _) = error else { return refuse(annotation, value, "\(error)") }
            refuse(annotation, value, "must be \(allowed)")
        }
    }

    private mutating func checkAmounts() {
        let amounts = settings.resources
        let pairs: [(InjectionAnnotation, String?, InjectionAnnotation, String?)] = [
            (.proxyCPURequest, amounts.cpuRequest, .proxyCPULimit, amounts.cpuLimit),
            (.proxyMemoryRequest, amounts.memoryRequest, .proxyMemoryLimit, amounts.memoryLimit),
        ]
        for (annotation, request, limitAnnotation, limit) in pairs {
            guard let request, let limit, let least = Quantity.amount(request), let most = Quantity.amount(limit),
                least > most
            else { continue }
            refuse(annotation, request, "must not exceed the limit of \(limit), which \(limitAnnotation.key) sets")
        }
    }

    private mutating func refuse(_ annotation: InjectionAnnotation, _ value: String, _ rule: String) {
        problems.add(
            request.problem(
                .error, "metadata.annotations[\(annotation.key)]", value, rule + "; the pod is refused"))
    }

    private mutating func reportUnknown(_ field: String, _ key: String, _ value: String) {
        let advice: String
        if field == "labels", InjectionAnnotation(key: key) != nil {
            advice = "is an annotation, not a label; it has no effect here"
        } else if let meant = nearest(key) {
            advice = "is not known and has no effect; \(meant) is"
        } else {
            advice = "is not known on pods and has no effect"
        }
        let name = VisibleText.of(key, bytes: InjectionLimits.shownBytes)
        problems.add(request.problem(.warning, "metadata.\(field)[\(name)]", value, advice))
    }

    private mutating func nearest(_ key: String) -> String? {
        guard advised < InjectionLimits.advisedNames else { return nil }
        advised += 1
        return Spelling.nearest(to: key, among: InjectionAnnotation.allCases.map(\.key))
    }
}
