internal import GatewayAPI

/// Keeps a workload's containers serving while its callers learn that the pod is going.
///
/// When a pod is deleted, its containers are told at the same moment as everybody who routes to it, so for some seconds
/// new requests arrive at a workload that may have shut down already. A hook that takes a while holds the signal back.
/// An HTTP hook is used because every Kubernetes version has it and it needs no program in the workload's image: the
/// proxy answers.
enum TerminationDelay {
    /// Milliseconds for this pod, 0 for none.
    static func milliseconds(spec: Node, settings: InjectionSettings) -> UInt64 {
        // What ends by itself serves nobody.
        guard spec["restartPolicy"]?.stringValue ?? "Always" == "Always" else { return 0 }
        // The workload needs the larger part of the time that its pod has.
        let half = UInt64(clamping: max(gracePeriod(spec), 0)) * 500
        return min(settings.terminationDelay, half)
    }

    /// Seconds.
    static func gracePeriod(_ spec: Node) -> Int64 {
        let seconds = spec["terminationGracePeriodSeconds"]?.integerValue
        return min(max(seconds ?? InjectionNames.defaultGracePeriod, 0), 86_400)
    }

    /// A workload that has a hook of its own has thought about its end.
    static func added(to container: Node) -> Node {
        guard container.at("lifecycle", "preStop") == nil else { return container }
        var container = container
        container.update("lifecycle") { lifecycle in
            lifecycle.set(
                "preStop",
                .mapping([
                    "httpGet": .mapping([
                        "path": .string(InjectionNames.terminationDelayPath),
                        "port": .integer(InjectionNames.telemetryPort),
                    ])
                ]))
        }
        return container
    }

    static func removed(from container: Node) -> Node {
        guard var lifecycle = container["lifecycle"], let handler = lifecycle.at("preStop", "httpGet"),
            handler["port"]?.integerValue == InjectionNames.telemetryPort,
            handler["path"]?.stringValue == InjectionNames.terminationDelayPath
        else { return container }
        lifecycle.set("preStop", nil)
        var container = container
        container.set("lifecycle", lifecycle.members.isEmpty ? nil : lifecycle)
        return container
    }
}
