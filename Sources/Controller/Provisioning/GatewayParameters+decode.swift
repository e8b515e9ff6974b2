package import GatewayAPI
internal import Kubernetes

extension GatewayParameters {
    /// Whose `parametersRef` names a ConfigMap.
    package enum Owner: Hashable, Sendable {
        /// Whoever runs the cluster.
        case gatewayClass
        /// Whoever may write Gateways and ConfigMaps in one namespace.
        case gateway
    }

    /// What a Gateway's own parameters must not say: a gateway's pod may read Secrets that ReferenceGrants of other
    /// namespaces permit, and a program of the Gateway's owner in its place would have them; a priority displaces the
    /// pods of others.
    private static let classKeys: Set<String> = ["image", "imagePullSecrets", "priorityClassName"]

    /// Takes over what a ConfigMap's `data` says; later ConfigMaps override earlier ones, key by key. A value that
    /// cannot be read is reported and leaves the parameter as it was.
    package mutating func apply(configMap: Node, key: ObjectKey, of owner: Owner) -> [Problem] {
        var reader = ParameterReader(object: "ConfigMap \(key)")
        let entries = configMap["data"]?.members ?? []
        let bytes = entries.reduce(0) { $0 + $1.key.utf8.count + ($1.value.stringValue?.utf8.count ?? 0) }
        guard bytes <= ParameterReader.maximumBytes else {
            reader.refuse("", "", "must have \(ParameterReader.maximumBytes) bytes at most in all")
            return reader.problems
        }
        for entry in entries.sorted(by: { $0.key < $1.key }) {
            guard let text = entry.value.stringValue else {
                reader.refuse(entry.key, "", "must be a string")
                continue
            }
            guard let assign = Self.assignments[entry.key] else {
                let known = Self.assignments.keys.sorted().joined(separator: ", ")
                reader.refuse(entry.key, text, "is not a parameter; known are \(known)")
                continue
            }
            guard owner == .gatewayClass || !Self.classKeys.contains(entry.key) else {
                reader.refuse(entry.key, text, "may be set in the parameters of the GatewayClass only")
                continue
            }
            assign(&self, &reader, entry.key, Self.trimmed(text))
        }
        if workload == .daemonSet, replicas != nil || autoscaling != nil {
            reader.refuse("kind", workload.rawValue, "has a pod on each node: replicas and autoscaling must not be set")
        }
        if replicas != nil, autoscaling != nil {
            reader.refuse("replicas", "", "must not be set together with autoscaling")
        }
        if serviceType == .clusterIP, externalTrafficPolicy != nil {
            reader.refuse("externalTrafficPolicy", "", "must not be set with serviceType ClusterIP")
        }
        if serviceType != .loadBalancer, loadBalancerClass != nil || !loadBalancerSourceRanges.isEmpty {
            reader.refuse("serviceType", serviceType.rawValue, "must be LoadBalancer when loadBalancer... is set")
        }
        return reader.problems
    }

    /// Without the white space around it that block scalars of YAML bring.
    private static func trimmed(_ text: String) -> String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        guard let start = text.firstIndex(where: { !isSpace($0) }), let end = text.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[start...end])
    }

    private typealias Assignment = @Sendable (inout GatewayParameters, inout ParameterReader, String, String) -> Void

    private static let assignments: [String: Assignment] = workloadAssignments.merging(
        processAssignments.merging(serviceAssignments) { first, _ in first }
    ) { first, _ in first }

    private static let workloadAssignments: [String: Assignment] = [
        "kind": { $0.workload = $1.choice($2, $3) ?? $0.workload },
        "replicas": { $0.replicas = $1.integer($2, $3, in: 0...1000) ?? $0.replicas },
        "autoscaling": { $0.autoscaling = $1.autoscaling($2, $3) ?? $0.autoscaling },
        "minAvailable": { $0.minAvailable = $1.countOrPercentage($2, $3) ?? $0.minAvailable },
        "image": { $0.image = $1.text($2, $3, maximum: 500) ?? $0.image },
        "imagePullPolicy": {
            $0.imagePullPolicy = $1.text($2, $3, oneOf: ["Always", "IfNotPresent", "Never"]) ?? $0.imagePullPolicy
        },
        "imagePullSecrets": { $0.imagePullSecrets = $1.list($2, $3) ?? $0.imagePullSecrets },
        "resources": { $0.resources = $1.mapping($2, $3) ?? $0.resources },
        "nodeSelector": { $0.nodeSelector = $1.mapping($2, $3) ?? $0.nodeSelector },
        "tolerations": { $0.tolerations = $1.sequence($2, $3) ?? $0.tolerations },
        "affinity": { $0.affinity = $1.mapping($2, $3) ?? $0.affinity },
        "topologySpreadConstraints": {
            $0.topologySpreadConstraints = $1.sequence($2, $3) ?? $0.topologySpreadConstraints
        },
        "priorityClassName": { $0.priorityClassName = $1.text($2, $3, maximum: 253) ?? $0.priorityClassName },
        "podAnnotations": { $0.podAnnotations = $1.annotations($2, $3) ?? $0.podAnnotations },
    ]

    private static let processAssignments: [String: Assignment] = [
        "workers": { $0.workers = $1.integer($2, $3, in: 1...256) ?? $0.workers },
        "logLevel": { $0.logLevel = $1.text($2, $3, oneOf: ["error", "warn", "info", "debug"]) ?? $0.logLevel },
        "accessLog": { $0.accessLog = $1.text($2, $3, oneOf: ["off", "errors", "all"]) ?? $0.accessLog },
        "accessLogFormat": { $0.accessLogFormat = $1.text($2, $3, oneOf: ["text", "json"]) ?? $0.accessLogFormat },
        "trustForwardedFrom": {
            $0.trustForwardedFrom = $1.networks($2, $3) ?? $0.trustForwardedFrom
        },
        "allowUnderscores": {
            $0.allowsUnderscores =
                $1.text($2, $3, oneOf: ["true", "false"]).map { $0 == "true" } ?? $0.allowsUnderscores
        },
        "drainTimeout": { $0.drainMilliseconds = $1.drainTime($2, $3) ?? $0.drainMilliseconds },
    ]

    private static let serviceAssignments: [String: Assignment] = [
        "serviceType": { $0.serviceType = $1.choice($2, $3) ?? $0.serviceType },
        "externalTrafficPolicy": {
            $0.externalTrafficPolicy = $1.text($2, $3, oneOf: ["Cluster", "Local"]) ?? $0.externalTrafficPolicy
        },
        "loadBalancerClass": { $0.loadBalancerClass = $1.text($2, $3, maximum: 317) ?? $0.loadBalancerClass },
        "loadBalancerSourceRanges": {
            $0.loadBalancerSourceRanges = $1.list($2, $3) ?? $0.loadBalancerSourceRanges
        },
        "serviceAnnotations": { $0.serviceAnnotations = $1.annotations($2, $3) ?? $0.serviceAnnotations },
    ]
}
