internal import GatewayAPI

/// The sidecar itself.
struct ProxyContainer {
    let settings: InjectionSettings
    let probes: ProbeTable
    /// Milliseconds.
    let terminationDelay: UInt64
    /// Seconds.
    let gracePeriod: Int64

    var node: Node {
        var node = Node.mapping([
            "name": .string(InjectionNames.proxyContainer), "image": .string(settings.podProxyImage ?? settings.image),
        ])
        node.set("imagePullPolicy", settings.imagePullPolicy.map { .string($0) })
        node.set("args", ["sidecar", "--kubernetes"])
        node.set("env", .sequence(environment))
        node.set("lifecycle", lifecycle)
        node.set("livenessProbe", Self.probe("/healthz/live", period: 10, failures: 6))
        node.set(
            "ports",
            [
                .mapping([
                    "name": "weir-telemetry", "containerPort": .integer(InjectionNames.telemetryPort),
                    "protocol": "TCP",
                ])
            ])
        node.set("readinessProbe", Self.probe("/healthz/ready", period: 5, failures: 3))
        node.set("resources", settings.resources.node)
        if settings.sidecar == .native { node.set("restartPolicy", "Always") }
        node.set("securityContext", SecurityContexts.proxy)
        // Every second for ten minutes: what is missing may be a cluster that only just starts.
        node.set("startupProbe", Self.probe("/healthz/ready", period: 1, failures: 600))
        node.set("terminationMessagePolicy", "FallbackToLogsOnError")
        node.set(
            "volumeMounts",
            [
                .mapping([
                    "name": .string(InjectionNames.tokenVolume), "mountPath": .string(InjectionNames.tokenFolder),
                    "readOnly": true,
                ])
            ])
        return node
    }

    private static func probe(_ path: String, period: Int64, failures: Int64) -> Node {
        .mapping([
            "failureThreshold": .integer(failures),
            "httpGet": .mapping(["path": .string(path), "port": .integer(InjectionNames.telemetryPort)]),
            "periodSeconds": .integer(period),
            "timeoutSeconds": 3,
        ])
    }

    private var environment: [Node] {
        var variables = [
            Self.field("POD_NAME", "metadata.name"), Self.field("POD_NAMESPACE", "metadata.namespace"),
            Self.field("POD_IP", "status.podIPs"),
            Self.variable(
                InjectionNames.podLabelsVariable, "\(InjectionNames.tokenFolder)/\(InjectionNames.podLabelsFile)"),
            Self.variable("WEIR_WORKERS", String(settings.workers)),
            Self.variable("WEIR_LOG_LEVEL", settings.logLevel),
            Self.variable("WEIR_ACCESS_LOG", settings.accessLog),
            // The redirect container is of the same repository, so its rules are those that the proxy can look for.
            Self.variable("WEIR_EXPECT_RULES", settings.ipv6 == "off" ? "ipv4" : "all"),
        ]
        if let timeout = settings.drainTimeout { variables.append(Self.variable("WEIR_DRAIN_TIMEOUT", timeout)) }
        if let via = settings.kubernetesVia { variables.append(Self.variable("WEIR_KUBERNETES_VIA", via)) }
        if let authority = settings.kubernetesViaCA {
            variables.append(Self.variable("WEIR_KUBERNETES_VIA_CA", authority))
        }
        if settings.showsTokenToServedAPI {
            let file = "\(InjectionNames.tokenFolder)/\(InjectionNames.fanOutTokenFile)"
            variables.append(Self.variable("WEIR_KUBERNETES_VIA_TOKEN_FILE", file))
        }
        variables += settings.environment.sorted { $0.key < $1.key }.map { Self.variable($0.key, $0.value) }
        if terminationDelay > 0 {
            let delay = GatewayDuration.text(milliseconds: terminationDelay)
            variables.append(Self.variable(InjectionNames.terminationDelayVariable, delay))
        }
        if !probes.entries.isEmpty { variables.append(Self.variable(InjectionNames.probesVariable, probes.text)) }
        return variables
    }

    private static func variable(_ name: String, _ value: String) -> Node {
        .mapping(["name": .string(name), "value": .string(value)])
    }

    private static func field(_ name: String, _ path: String) -> Node {
        .mapping([
            "name": .string(name), "valueFrom": .mapping(["fieldRef": .mapping(["fieldPath": .string(path)])]),
        ])
    }

    /// A native sidecar's hook runs when the pod's end begins, and its signal comes when the workload has ended. An
    /// ordinary container has to see to both: the next container starts when `weir wait` returns, and the signal waits
    /// for `weir drain`.
    private var lifecycle: Node {
        switch settings.sidecar {
        case .native: return .mapping(["preStop": Self.command(["weir", "drain"])])
        case .container:
            let delay = GatewayDuration.text(milliseconds: max(terminationDelay, 1000))
            // The rest is for the proxy's own end.
            let limit = GatewayDuration.text(milliseconds: UInt64(clamping: max(gracePeriod - 3, 1)) * 1000)
            return .mapping([
                "postStart": Self.command(["weir", "wait"]),
                "preStop": Self.command(["weir", "drain", "--until-app-ends", "--at-least", delay, "--at-most", limit]),
            ])
        }
    }

    private static func command(_ words: [String]) -> Node {
        .mapping(["exec": .mapping(["command": .sequence(words.map { .string($0) })])])
    }
}
