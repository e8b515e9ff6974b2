internal import GatewayAPI

/// What others made of our two containers since the webhook put them into the pod. The API server asks again after
/// every change, and what a LimitRange gave a container that set no limit, or a webhook that pins tags made of the
/// proxy's image, has to outlast that.
///
/// Whoever makes a pod may have written these containers himself, so nothing else outlasts it: not the redirect
/// container's image, not another repository, and no command, right, variable or mount.
struct InjectionAmendments {
    /// Amounts that are kept where we set none.
    private static let resources = ["cpu", "memory", "ephemeral-storage"]

    /// By name; empty unless this very version injected the pod, and the API server asks.
    private var containers: [String: Node] = [:]

    init(_ request: InjectionRequest, settings: InjectionSettings) {
        guard case .namespace = request.basis,
            request.pod.annotation(InjectionAnnotation.status.key) == settings.statusText
        else { return }
        for container in ["initContainers", "containers"].flatMap({ request.pod.at("spec", $0)?.elements ?? [] }) {
            guard let name = container.name, InjectionNames.containers.contains(name) else { continue }
            containers[name] = container
        }
    }

    /// Our container, with the other tag or digest of the proxy's image and with amounts for what we set none for.
    func kept(in container: Node, settings: InjectionSettings) -> Node {
        guard let name = container.name, let earlier = containers[name] else { return container }
        var result = container
        // The pod's own word comes before anybody's, also when another webhook wrote it.
        if name == InjectionNames.proxyContainer, settings.podProxyImage == nil, let image = earlier["image"],
            Self.isOfOneRepository(image, container["image"])
        {
            result.set("image", image)
        }
        for list in ["requests", "limits"] {
            for resource in Self.resources where container.at("resources", list, resource) == nil {
                guard let amount = earlier.at("resources", list, resource),
                    Quantity.amount(amount.stringValue ?? amount.integerValue.map(String.init) ?? "") != nil
                else { continue }
                result.update("resources") { $0.update(list) { $0.set(resource, amount) } }
            }
        }
        return result
    }

    private static func isOfOneRepository(_ image: Node, _ ours: Node?) -> Bool {
        guard let image = image.stringValue.flatMap(ImageReference.init),
            let ours = ours?.stringValue.flatMap(ImageReference.init)
        else { return false }
        return image.repository == ours.repository
    }
}
