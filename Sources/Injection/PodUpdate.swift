package import GatewayAPI

/// An update of a pod that exists. Kubernetes lets whoever may update a pod change the images of its containers, ours
/// included, and runs the redirect container again when the pod's sandbox is made anew.
package enum PodUpdate {
    /// Why an injected pod must not be updated so; nil when it may.
    ///
    /// - Parameters:
    ///   - request: about the pod as it is to be.
    ///   - before: the pod as it is.
    package static func problem(_ request: InjectionRequest, before: Node, settings: InjectionSettings) -> Problem? {
        let earlier = images(before)
        guard earlier.keys.contains(InjectionNames.redirectContainer) else { return nil }
        // Updates are looked at where the label says so: whoever could take it off could change the rest afterwards.
        if before.label(InjectionNames.proxyLabel) == "sidecar",
            request.pod.label(InjectionNames.proxyLabel) != "sidecar"
        {
            return request.problem(
                .error, "metadata.labels[\(InjectionNames.proxyLabel)]",
                request.pod.label(InjectionNames.proxyLabel) ?? "",
                "must stay sidecar while the pod lives; nothing was changed")
        }
        for (name, image) in images(request.pod).sorted(by: { $0.key < $1.key }) where image != earlier[name] {
            guard !isAllowed(image, of: name, settings) else { continue }
            return request.problem(
                .error, "image of \(name)", image,
                "is the operator's to choose, not the pod's author's; nothing was changed")
        }
        return nil
    }

    private static func isAllowed(_ image: String, of container: String, _ settings: InjectionSettings) -> Bool {
        if image == settings.image { return true }
        guard container == InjectionNames.proxyContainer, let reference = ImageReference(image) else { return false }
        return reference.repository == ImageReference(settings.image)?.repository
            || settings.allowedProxyRepositories.contains(reference.repository)
    }

    /// Of our containers.
    private static func images(_ pod: Node) -> [String: String] {
        var images: [String: String] = [:]
        for container in ["initContainers", "containers"].flatMap({ pod.at("spec", $0)?.elements ?? [] }) {
            guard let name = container.name, InjectionNames.containers.contains(name) else { continue }
            images[name] = container["image"]?.stringValue ?? ""
        }
        return images
    }
}
