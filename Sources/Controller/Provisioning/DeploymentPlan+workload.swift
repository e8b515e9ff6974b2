internal import GatewayAPI
internal import Injection

extension DeploymentPlan {
    /// The Deployment or DaemonSet.
    var workload: ManagedObject {
        let template: Node = .mapping([
            "metadata": .mapping([
                "labels": .strings(podLabels),
                "annotations": .strings(podAnnotations),
            ]),
            "spec": podSpec,
        ])
        var spec: Node = .mapping([
            "selector": .mapping(["matchLabels": .strings(selector)]),
            "template": template,
        ])
        switch parameters.workload {
        case .daemonSet:
            spec.set("updateStrategy", rollingUpdate)
            return object(ManagedKinds.daemonSet, key: key, ["spec": spec])
        case .deployment:
            spec.set("strategy", rollingUpdate)
            if parameters.autoscaling == nil, let replicas = parameters.replicas {
                spec.set("replicas", .integer(replicas))
            }
            return object(ManagedKinds.deployment, key: key, ["spec": spec])
        }
    }

    /// A new pod is ready before an old one goes.
    private var rollingUpdate: Node {
        .mapping([
            "type": "RollingUpdate",
            "rollingUpdate": .mapping(["maxSurge": "25%", "maxUnavailable": 0]),
        ])
    }

    /// A gateway is no workload of the mesh: its own connections are not to be redirected into a sidecar.
    private var podLabels: [String: String] {
        labels.merging([InjectionAnnotation.inject.key: "disabled", InjectionNames.proxyLabel: "gateway"]) { _, ours in
            ours
        }
    }

    private var podAnnotations: [String: String] {
        let scraped = [
            "prometheus.io/scrape": "true",
            "prometheus.io/port": String(InjectionNames.telemetryPort),
            "prometheus.io/path": "/metrics",
        ]
        return
            scraped
            .merging(usersAnnotations) { _, users in users }
            .merging(parameters.podAnnotations) { _, users in users }
    }

    private var podSpec: Node {
        var spec: Node = .mapping([
            "serviceAccountName": .string(name),
            "terminationGracePeriodSeconds": .integer(parameters.terminationGraceSeconds),
            "securityContext": GatewayPod.podSecurity,
            "containers": [container],
            "topologySpreadConstraints": parameters.topologySpreadConstraints ?? [spread],
        ])
        if let nodes = parameters.nodeSelector { spec.set("nodeSelector", nodes) }
        if let tolerations = parameters.tolerations { spec.set("tolerations", tolerations) }
        if let affinity = parameters.affinity { spec.set("affinity", affinity) }
        if let priority = parameters.priorityClassName { spec.set("priorityClassName", .string(priority)) }
        if !parameters.imagePullSecrets.isEmpty {
            spec.set(
                "imagePullSecrets", .sequence(parameters.imagePullSecrets.map { .mapping(["name": .string($0)]) }))
        }
        return spec
    }

    private var spread: Node {
        .mapping([
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": .mapping(["matchLabels": .strings(selector)]),
        ])
    }

    /// The listeners' ports are not in it: what the container declares is information only, and a listener more or less
    /// must not replace the pods.
    private var container: Node {
        var container: Node = .mapping([
            "name": .string(InjectionNames.proxyContainer),
            "image": .string(parameters.image ?? settings.image),
            "args": .sequence(arguments.map(Node.string)),
            "env": .sequence(environment),
            "ports": [
                .mapping([
                    "name": "telemetry", "containerPort": .integer(InjectionNames.telemetryPort), "protocol": "TCP",
                ])
            ],
            "startupProbe": GatewayPod.probe("/healthz/live", period: 1, failures: 60),
            "livenessProbe": GatewayPod.probe("/healthz/live", period: 10, failures: 6),
            "readinessProbe": GatewayPod.probe("/healthz/ready", period: 2, failures: 2),
            "resources": parameters.resources,
            "securityContext": GatewayPod.containerSecurity,
            "lifecycle": GatewayPod.lifecycle,
        ])
        if let policy = parameters.imagePullPolicy { container.set("imagePullPolicy", .string(policy)) }
        return container
    }

    private var arguments: [String] {
        var arguments = ["gateway", "--kubernetes", "--gateway", gateway.key.description]
        func add(_ flag: String, _ value: String?) {
            if let value { arguments += [flag, value] }
        }
        add("--workers", parameters.workers.map(String.init))
        add("--log-level", parameters.logLevel)
        add("--access-log", parameters.accessLog)
        add("--access-log-format", parameters.accessLogFormat)
        add("--trust-forwarded-from", parameters.trustForwardedFrom)
        if parameters.allowsUnderscores { arguments.append("--allow-underscores") }
        add("--drain-timeout", GatewayDuration.text(milliseconds: parameters.drainMilliseconds))
        return arguments
    }

    private var environment: [Node] {
        let fields = [
            ("POD_NAME", "metadata.name"), ("POD_NAMESPACE", "metadata.namespace"), ("POD_IP", "status.podIP"),
        ]
        let downward: [Node] = fields.map { name, path in
            .mapping([
                "name": .string(name),
                "valueFrom": .mapping(["fieldRef": .mapping(["fieldPath": .string(path)])]),
            ])
        }
        return downward
            + settings.environment.sorted { $0.key < $1.key }.map {
                .mapping(["name": .string($0.key), "value": .string($0.value)])
            }
    }
}

/// The parts of a gateway pod that are the same for all.
enum GatewayPod {
    /// How long a pod that is to end goes on, since load balancers hear of it later; its answers end their connections
    /// meanwhile. Part of the grace period.
    static let terminationDelay = "5s"

    /// Passes the restricted Pod Security level. The sysctl is one that Kubernetes counts as safe; with it any user of
    /// the pod's own network may bind the listeners' ports.
    static var podSecurity: Node {
        .mapping([
            "runAsNonRoot": true,
            "runAsUser": .integer(InjectionNames.proxyID),
            "runAsGroup": .integer(InjectionNames.proxyID),
            "seccompProfile": .mapping(["type": "RuntimeDefault"]),
            "sysctls": [.mapping(["name": "net.ipv4.ip_unprivileged_port_start", "value": "0"])],
        ])
    }

    static var containerSecurity: Node {
        .mapping([
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": .mapping(["drop": ["ALL"]]),
        ])
    }

    static var lifecycle: Node {
        .mapping([
            "preStop": .mapping([
                "exec": .mapping([
                    "command": ["weir", "drain", "--wait", .string(terminationDelay)]
                ])
            ])
        ])
    }

    static func probe(_ path: String, period: Int64, failures: Int64) -> Node {
        .mapping([
            "httpGet": .mapping(["path": .string(path), "port": .integer(InjectionNames.telemetryPort)]),
            "periodSeconds": .integer(period),
            "timeoutSeconds": 2,
            "failureThreshold": .integer(failures),
        ])
    }
}
