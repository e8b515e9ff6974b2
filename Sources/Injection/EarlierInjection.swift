internal import GatewayAPI

/// What an earlier injection left in a pod, and the pod without it. Injecting begins here, so that doing it twice, with
/// other settings or a newer version, or after another webhook has added containers, gives what doing it once would.
enum EarlierInjection {
    /// Whether containers of our names are ours.
    static func isPresent(in pod: Node) -> Bool {
        pod.annotation(InjectionAnnotation.status.key) != nil
    }

    static func removed(from pod: Node) -> Node {
        guard isPresent(in: pod) else { return pod }
        var pod = pod
        let table = probes(of: pod)
        pod.update("spec") { spec in
            for list in ["initContainers", "containers"] {
                spec.updateElements(list) { containers in
                    containers.filter { !InjectionNames.containers.contains($0.name ?? "") }.map {
                        TerminationDelay.removed(from: ProbeRewrite.restore($0, from: table))
                    }
                }
            }
            spec.updateElements("volumes") { $0.filter { !InjectionNames.volumes.contains($0.name ?? "") } }
        }
        pod.update("metadata") { metadata in
            metadata.update("labels") { $0.set(InjectionNames.proxyLabel, nil) }
            metadata.update("annotations") { $0.set(InjectionAnnotation.status.key, nil) }
        }
        return pod
    }

    private static func probes(of pod: Node) -> ProbeTable {
        let containers = ["initContainers", "containers"].flatMap { pod.at("spec", $0)?.elements ?? [] }
        let proxy = containers.first { $0.name == InjectionNames.proxyContainer }
        let variable = proxy?["env"]?.elements.first { $0.name == InjectionNames.probesVariable }
        return ProbeTable(text: variable?["value"]?.stringValue ?? "")
    }
}
