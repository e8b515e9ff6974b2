package import GatewayAPI
package import Kubernetes
package import Reactor

/// Tells the API server whom to trust behind the webhook: the `caBundle` of every webhook in the
/// MutatingWebhookConfiguration `weir-injector`. The configuration itself is the installation's; only this member is
/// ours.
package final class WebhookRegistration {
    package static let name = "weir-injector"

    private static let kind = APIKind(
        group: "admissionregistration.k8s.io", versions: ["v1"], plural: "mutatingwebhookconfigurations",
        kind: "MutatingWebhookConfiguration", isNamespaced: false)

    private let upkeep: ObjectUpkeep

    /// Whether the last look found, or left, the bundle in place.
    package var isInPlace: Bool { upkeep.isInPlace }

    /// - Parameter seed: of the pauses' jitter.
    package init(transport: any APITransport, loop: EventLoop, seed: UInt64 = .random(in: .min ... .max)) {
        upkeep = ObjectUpkeep(
            transport: transport, loop: loop, kind: Self.kind, name: Self.name, component: "certificates",
            texts: ObjectUpkeep.Texts(
                absence: "no pod is injected until it does", change: "the bundle was put in place"),
            seed: seed)
    }

    /// From now on this is the bundle.
    /// - Parameter pem: certificates of authorities.
    package func keep(bundle pem: [UInt8]) {
        let bundle = Base64.encode(pem)
        upkeep.keep { Self.patch($0, bundle: bundle) }
    }

    package func stop() { upkeep.stop() }

    /// A merge patch that puts the bundle in every webhook; nil when it is there.
    package static func patch(_ configuration: Node, bundle: String) -> Node? {
        let webhooks = configuration["webhooks"]?.elements ?? []
        let wanted = webhooks.map { webhook in
            var webhook = webhook
            webhook.update("clientConfig") { $0.set("caBundle", .string(bundle)) }
            return webhook
        }
        return wanted == webhooks ? nil : configuration.mergePatch("webhooks", .sequence(wanted))
    }
}
