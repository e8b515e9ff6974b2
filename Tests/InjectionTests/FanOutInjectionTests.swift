import GatewayAPI
import Testing

@testable import Injection

/// What a proxy is given that reads from a controller. The whole of it is a golden file (`annotations`).
@Suite struct FanOutInjectionTests {
    private static let served = "https://weir-controller.weir-system.svc:15012"

    private func inject(_ change: (inout InjectionSettings) -> Void) throws -> Node {
        var settings = InjectionSettings(image: "weir", version: "1")
        change(&settings)
        let pod: Node = .mapping([
            "kind": "Pod", "metadata": .mapping(["name": "p", "labels": .mapping(["weir.dev/inject": "enabled"])]),
            "spec": .mapping(["containers": [.mapping(["name": "app", "image": "app"])]]),
        ])
        let request = InjectionRequest(object: "Pod shop/p", namespace: "shop", basis: .command, pod: pod)
        guard case .injected(let result) = Injector(settings: settings).inject(request).outcome else {
            throw NotInjected()
        }
        return result
    }

    private struct NotInjected: Error {}

    private func sources(_ pod: Node) -> [Node] {
        let volumes = pod.at("spec", "volumes")?.elements ?? []
        return volumes.first { $0.name == "weir-token" }?.at("projected", "sources")?.elements ?? []
    }

    private func token(_ pod: Node) -> Node? { sources(pod).compactMap { $0["serviceAccountToken"] }.first }

    private func variable(_ name: String, _ pod: Node) -> String? {
        let proxy = pod.at("spec", "initContainers")?.elements.first { $0.name == "weir-proxy" }
        return proxy?["env"]?.elements.first { $0.name == name }?["value"]?.stringValue
    }

    private let tokenFile = "WEIR_KUBERNETES_VIA_TOKEN_FILE"

    @Test func theProxyHasATokenForTheServedAPIAndNoneForTheAPIServer() throws {
        let pod = try inject {
            $0.kubernetesVia = Self.served
            $0.kubernetesViaCA = "PEM"
        }
        #expect(sources(pod).count { $0["serviceAccountToken"] != nil } == 1)
        #expect(token(pod)?["audience"]?.stringValue == "weir.dev/fan-out")
        #expect(token(pod)?["expirationSeconds"]?.integerValue == 3600)
        let file = "/var/run/secrets/kubernetes.io/serviceaccount/" + (token(pod)?["path"]?.stringValue ?? "")
        #expect(variable(tokenFile, pod) == file && !file.hasSuffix("/token"))
        #expect(!sources(pod).contains { $0["configMap"] != nil }, "nor has it use for the API server's authority")
    }

    @Test func whereNobodyIsNamedTheClusterSigns() throws {
        let pod = try inject { $0.kubernetesVia = Self.served }
        #expect(sources(pod).contains { $0.at("configMap", "name")?.stringValue == "kube-root-ca.crt" })
        #expect(token(pod)?["audience"] != nil)
    }

    @Test func noTokenIsShownInTheClear() throws {
        let pod = try inject { $0.kubernetesVia = "http://weir-controller.weir-system.svc:15012" }
        #expect(token(pod) == nil && variable(tokenFile, pod) == nil && sources(pod).isEmpty == false)
    }

    @Test func withoutFanOutTheTokenIsTheAPIServers() throws {
        let pod = try inject { _ in }
        #expect(token(pod)?["audience"] == nil && token(pod)?["path"]?.stringValue == "token")
        #expect(variable(tokenFile, pod) == nil)
    }
}
