import GatewayAPI
import Injection
import Kubernetes
import Testing

/// The API server asks a second time after others have changed an injected pod.
@Suite struct InjectionAmendmentsTests {
    private static let settings = InjectionSettings(image: "weir:1", version: "1")

    private func inject(
        _ pod: Node, basis: InjectionRequest.Basis = .namespace(labels: ["weir.dev/inject": "enabled"]),
        settings: InjectionSettings = settings
    ) throws -> Node {
        let request = InjectionRequest(object: "Pod", namespace: "shop", basis: basis, pod: pod)
        guard case .injected(let injected) = Injector(settings: settings).inject(request).outcome else {
            throw NotInjected()
        }
        return injected
    }

    private struct NotInjected: Error {}

    private func pod() throws -> Node {
        let text = "{metadata: {name: web}, spec: {containers: [{name: app, image: app}]}}"
        return try #require(try YAMLReader.documents(Array(text.utf8)).first).root
    }

    private func containers(_ pod: Node) -> [Node] {
        (pod["spec"]?["initContainers"]?.elements ?? []).filter { $0["name"]?.stringValue?.hasPrefix("weir-") == true }
    }

    /// The injected pod as a LimitRange and a webhook for another registry leave it.
    private func amended(_ pod: Node) -> Node {
        var pod = pod
        pod.update("spec") { spec in
            let changed = (spec["initContainers"]?.elements ?? []).map { container in
                var container = container
                container.set("image", "weir:1.1")
                container.update("resources") { resources in
                    resources.update("limits") {
                        $0.set("cpu", "200m")
                        $0.set("memory", "1Gi")
                    }
                    resources.update("requests") { $0.set("ephemeral-storage", "1Mi") }
                }
                return container
            }
            spec.set("initContainers", .sequence(changed))
        }
        return pod
    }

    @Test func whatOthersGaveOurContainersStays() throws {
        let again = try inject(amended(try inject(pod())))
        #expect(containers(again).count == 2)
        #expect(containers(again).map { $0["image"]?.stringValue } == ["weir:1", "weir:1.1"])
        for container in containers(again) {
            let resources = container["resources"]
            #expect(resources?["limits"]?["cpu"]?.stringValue == "200m")
            #expect(resources?["requests"]?["ephemeral-storage"]?.stringValue == "1Mi")
            // Where we say something, we say it again.
            #expect(resources?["limits"]?["memory"]?.stringValue == "128Mi")
        }
    }

    @Test func aPodsOwnImageComesBeforeAnybodys() throws {
        var changed = amended(try inject(pod()))
        changed.update("metadata") { $0.update("annotations") { $0.set("weir.dev/proxy-image", "weir:own") } }
        var settings = Self.settings
        settings.allowedProxyRepositories = ["docker.io/library/weir"]
        let images = containers(try inject(changed, settings: settings)).map { $0["image"]?.stringValue }
        #expect(images == ["weir:1", "weir:own"])
    }

    @Test func nothingStaysOfAnotherVersionNorForTheCommand() throws {
        let changed = amended(try inject(pod()))
        let newer = try inject(changed, settings: InjectionSettings(image: "weir:2", version: "2"))
        let byCommand = try inject(changed, basis: .command)
        for (pod, image) in [(newer, "weir:2"), (byCommand, "weir:1")] {
            for container in containers(pod) {
                #expect(container["image"]?.stringValue == image)
                #expect(container["resources"]?["limits"]?["cpu"] == nil)
            }
        }
    }

    /// A quota asks every container for limits, and the QoS class Guaranteed that they equal the requests.
    @Test func theRedirectContainerHasTheProxysResources() throws {
        var settings = Self.settings
        settings.resources = ResourceAmounts(
            cpuRequest: "50m", cpuLimit: "50m", memoryRequest: "64Mi", memoryLimit: "64Mi")
        let resources = containers(try inject(pod(), settings: settings)).map { $0["resources"] }
        #expect(resources.count == 2)
        #expect(resources.first == resources.last)
        #expect(resources.first??["limits"]?["cpu"]?.stringValue == "50m")
    }
}
