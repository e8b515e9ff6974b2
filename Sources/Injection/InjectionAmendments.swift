internal import GatewayAPI

/// What others made of our two containers since the webhook put them into the pod. The API server asks again after every change, and
/// what a LimitRange gave a container that set no limit, or a webhook that sends nodes to another registry made of an image, has to
/// outlast that.
struct InjectionAmendments {
    /// By name; empty unless this very version injected the pod, and the API server asks.
    private var containers: [String: Node] = [:]
    private let keepsImage: Bool

    init(_ request: InjectionRequest, settings: InjectionSettings) {
        // The pod's own word comes before anybody's, also when another webhook wrote it.
        keepsImage = request.pod.annotation(InjectionAnnotation.proxyImage.key) == nil
        guard case .namespace = request.basis,
            request.pod.annotation(InjectionAnnotation.status.key) == settings.statusText
        else { return }
        for container in ["initContainers", "containers"].flatMap({ request.pod.at("spec", $0)?.elements ?? [] }) {
            guard let name = container.name, InjectionNames.containers.contains(name) else { continue }
            containers[name] = container
        }
    }

    /// Our container with the other image, and with amounts for what we set none for.
    func kept(in container: Node) -> Node {
        guard let earlier = container.name.flatMap({ containers[$0] }) else { return container }
        var result = container
        if keepsImage, let image = earlier["image"]?.stringValue { result.set("image", .string(image)) }
        for list in ["requests", "limits"] {
            for entry in earlier.at("resources", list)?.members ?? []
            where container.at("resources", list, entry.key) == nil {
                result.update("resources") { $0.update(list) { $0.set(entry.key, entry.value) } }
            }
        }
        return result
    }
}
