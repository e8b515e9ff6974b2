package import GatewayAPI
package import Kubernetes
package import Reactor
internal import Telemetry

/// Tells the API server whom to trust behind the webhook: the `caBundle` of every webhook in the MutatingWebhookConfiguration
/// `weir-injector`. The configuration itself is the installation's; only this member is ours.
package final class WebhookRegistration {
    package static let name = "weir-injector"

    private static let kind = APIKind(
        group: "admissionregistration.k8s.io", versions: ["v1"], plural: "mutatingwebhookconfigurations",
        kind: "MutatingWebhookConfiguration", isNamespaced: false)
    /// Nanoseconds between two looks: whoever applies the installation's manifest again takes the bundle out.
    private static let interval: UInt64 = 60_000_000_000
    /// When the configuration has changed since it was read.
    private static let retryInterval: UInt64 = 1_000_000_000

    private let transport: any APITransport
    private let loop: EventLoop
    private var bundle: String?
    private var backoff: Backoff
    /// Of the last look; said once, not at every attempt.
    private var trouble = ToldTrouble()
    private var timer: EventTimer?
    private var call: (any APICall)?
    /// Told once, not every minute.
    private var isAbsenceTold = false

    /// Whether the last look found, or left, the bundle in place.
    package private(set) var isInPlace = false

    /// - Parameter seed: of the pauses' jitter.
    package init(transport: any APITransport, loop: EventLoop, seed: UInt64 = .random(in: .min ... .max)) {
        backoff = Backoff(seed: seed)
        self.transport = transport
        self.loop = loop
    }

    /// From now on this is the bundle.
    /// - Parameter pem: certificates of authorities.
    package func keep(bundle pem: [UInt8]) {
        bundle = Base64.encode(pem)
        look()
    }

    package func stop() {
        if let timer { loop.cancel(timer) }
        timer = nil
        call?.cancel()
        call = nil
    }

    private func look() {
        stop()
        call = transport.send(APIRequest(.get, Self.kind.path(version: "v1", name: Self.name))) { [weak self] result in
            guard let self else { return }
            call = nil
            switch result {
            case .success(let response) where response.isSuccess: compare(response.body)
            case .success(let response) where response.status == 404: absent()
            case .success(let response): fail("cannot be read: status \(response.status)", status: response.status)
            case .failure(let error): fail("cannot be read: \(error)", error)
            }
        }
    }

    private func compare(_ body: [UInt8]) {
        isAbsenceTold = false
        guard let bundle, let object = try? JSONReader.node(body) else { return fail("is no JSON") }
        guard let patch = Self.patch(object, bundle: bundle) else {
            return done()
        }
        isInPlace = false
        let path = Self.kind.path(version: "v1", name: Self.name)
        call = transport.send(APIRequest(.patch, path, contentType: .mergePatch, body: patch.json)) {
            [weak self] result in
            guard let self else { return }
            call = nil
            switch result {
            case .success(let response) where response.isSuccess:
                Log.info("certificates", "MutatingWebhookConfiguration \(Self.name): the bundle was put in place")
                done()
            case .success(let response) where response.status == 409 || response.status == 404:
                again(after: Self.retryInterval)
            case .success(let response): fail("cannot be changed: status \(response.status)", status: response.status)
            case .failure(let error): fail("cannot be changed: \(error)", error)
            }
        }
    }

    /// A merge patch that puts the bundle in every webhook; nil when it is there. A merge patch replaces a list as a whole, so
    /// the resource version goes with it: a list that has changed meanwhile is not undone.
    package static func patch(_ configuration: Node, bundle: String) -> Node? {
        let webhooks = configuration["webhooks"]?.elements ?? []
        let wanted = webhooks.map { webhook in
            var webhook = webhook
            webhook.update("clientConfig") { $0.set("caBundle", .string(bundle)) }
            return webhook
        }
        guard wanted != webhooks else { return nil }
        var patch = Node.mapping(["webhooks": .sequence(wanted)])
        if let version = configuration["metadata"]?["resourceVersion"] {
            patch.set("metadata", .mapping(["resourceVersion": version]))
        }
        return patch
    }

    private func absent() {
        isInPlace = false
        if !isAbsenceTold {
            Log.warn(
                "certificates",
                "MutatingWebhookConfiguration \(Self.name) does not exist; no pod is injected until it does")
        }
        isAbsenceTold = true
        again(after: Self.interval)
    }

    private func done() {
        isInPlace = true
        backoff.reset()
        trouble.reportEnd("certificates", "MutatingWebhookConfiguration \(Self.name)")
        again(after: Self.interval)
    }

    private func fail(_ reason: String, _ error: APIError? = nil, status: Int? = nil) {
        isInPlace = false
        trouble.report("certificates", "MutatingWebhookConfiguration \(Self.name)", reason, error, status: status)
        again(after: backoff.next())
    }

    private func again(after delay: UInt64) {
        if let timer { loop.cancel(timer) }
        timer = loop.after(delay) { [weak self] in self?.look() }
    }
}
