import GatewayAPI
import Injection
import Testing

@Suite struct InjectionDecisionTests {
    private let injector = Injector(settings: InjectionSettings(image: "weir:1", version: "1"))

    private func pod(
        labels: [String: String] = [:], annotations: [String: String] = [:], hostNetwork: Bool = false
    ) -> Node {
        var spec = Node.mapping(["containers": [.mapping(["name": "app", "image": "app"])]])
        if hostNetwork { spec.set("hostNetwork", true) }
        return .mapping([
            "metadata": .mapping(["labels": .strings(labels), "annotations": .strings(annotations)]), "spec": spec,
        ])
    }

    private func inject(
        _ pod: Node, namespace: String = "shop", labels: [String: String] = ["weir.dev/inject": "enabled"]
    ) -> InjectionResult {
        injector.inject(
            InjectionRequest(object: "Pod", namespace: namespace, basis: .namespace(labels: labels), pod: pod))
    }

    private func isInjected(_ result: InjectionResult) -> Bool {
        if case .injected = result.outcome { true } else { false }
    }

    @Test func theNamespaceAsks() {
        #expect(isInjected(inject(pod())))
        for labels in [[:], ["weir.dev/inject": "disabled"], ["weir.dev/inject": "true"]] {
            #expect(inject(pod(), labels: labels).outcome == .skipped("its namespace is not labelled for injection"))
        }
    }

    @Test func thePodOverridesItsNamespace() {
        #expect(isInjected(inject(pod(labels: ["weir.dev/inject": "enabled"]), labels: [:])))
        #expect(isInjected(inject(pod(annotations: ["weir.dev/inject": "enabled"]), labels: [:])))
        for off in [pod(labels: ["weir.dev/inject": "disabled"]), pod(annotations: ["weir.dev/inject": "disabled"])] {
            #expect(inject(off).outcome == .skipped("it asks not to be injected"))
        }
    }

    @Test func anUnclearWishIsRefused() {
        let unclear = [
            pod(labels: ["weir.dev/inject": "yes"]), pod(annotations: ["weir.dev/inject": "true"]),
            pod(labels: ["weir.dev/inject": "enabled"], annotations: ["weir.dev/inject": "disabled"]),
        ]
        for pod in unclear {
            let result = inject(pod)
            guard case .refused = result.outcome else {
                Issue.record("\(result)")
                continue
            }
            #expect(result.problems.contains { $0.severity == .error && $0.field.contains("weir.dev/inject") })
        }
    }

    @Test(arguments: ["kube-system", "kube-public", "kube-node-lease", "weir-system"])
    func systemNamespacesAreNeverInjected(_ namespace: String) {
        let result = inject(pod(labels: ["weir.dev/inject": "enabled"]), namespace: namespace)
        #expect(result.outcome == .skipped("pods in namespace \(namespace) are never injected"))
    }

    @Test func gatewaysAreNeverInjected() {
        let gateway = pod(labels: ["gateway.networking.k8s.io/gateway-name": "edge", "weir.dev/inject": "enabled"])
        guard case .skipped = inject(gateway).outcome else {
            Issue.record("a gateway was not skipped")
            return
        }
    }

    /// Agents of nodes live in the namespaces of applications, too: a label on the namespace must not stop them.
    @Test func hostNetworkIsRefusedWhereThePodAskedAndSkippedWhereItsNamespaceDid() {
        guard case .refused = inject(pod(labels: ["weir.dev/inject": "enabled"], hostNetwork: true)).outcome else {
            Issue.record("not refused")
            return
        }
        let byNamespace = inject(pod(hostNetwork: true))
        guard case .skipped(let reason) = byNamespace.outcome else {
            Issue.record("not skipped")
            return
        }
        #expect(reason.contains("network"))
        #expect(byNamespace.problems.map(\.severity) == [.warning])
    }

    @Test func aForgedStatusDoesNotPreventInjection() throws {
        let result = inject(pod(annotations: ["weir.dev/status": "injected by weir 1"]))
        guard case .injected(let injected) = result.outcome else {
            Issue.record("not injected")
            return
        }
        #expect(injected["spec"]?["initContainers"]?.elements.count == 2)
    }

    @Test(arguments: [
        Node(.null), "text", 7, .sequence([]), .mapping(["spec": "text"]),
        .mapping(["spec": .mapping(["containers": 1])]),
        .mapping(["metadata": .sequence([]), "spec": .mapping(["containers": ["x", .sequence([]), Node(.null)]])]),
    ])
    func nonsenseIsAnsweredAndNeverTraps(_ pod: Node) {
        let result = inject(pod)
        if case .skipped = result.outcome { Issue.record("\(result)") }
    }
}
