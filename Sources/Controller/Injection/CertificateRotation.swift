internal import GatewayAPI
internal import Glibc
package import Kubernetes
package import Reactor
internal import TLS
internal import Telemetry

/// Keeps the Secret `weir-certificates` and what is served with it. Every replica of the controller does: whoever
/// writes first wins, the others read what it wrote.
package final class CertificateRotation {
    package static let secretName = "weir-certificates"

    private static let kind = APIKind(group: "", versions: ["v1"], plural: "secrets", kind: "Secret")
    /// Nanoseconds between two looks at the Secret: another replica may have renewed it, somebody may have deleted it.
    private static let interval: UInt64 = 60_000_000_000
    /// When another replica was faster.
    private static let retryInterval: UInt64 = 1_000_000_000

    private let transport: any APITransport
    private let loop: EventLoop
    private let namespace: String
    private let policy: CertificatePolicy
    private let now: () -> Int64
    private let changed: (WeirCertificates) -> Void
    private var backoff: Backoff
    /// Of the last look; said once, not at every attempt.
    private var trouble = ToldTrouble()
    private var timer: EventTimer?
    private var call: (any APICall)?

    /// What is in use; nil before the first look has succeeded.
    package private(set) var current: WeirCertificates?

    /// - Parameters:
    ///   - seed: of the pauses' jitter.
    ///   - now: seconds since 1970.
    ///   - changed: called with the first certificates and whenever others are there.
    package init(
        transport: any APITransport, loop: EventLoop, namespace: String, service: String,
        seed: UInt64 = .random(in: .min ... .max),
        now: @escaping () -> Int64 = { Int64(time(nil)) }, changed: @escaping (WeirCertificates) -> Void
    ) {
        self.transport = transport
        self.loop = loop
        self.namespace = namespace
        policy = CertificatePolicy(service: service, namespace: namespace)
        backoff = Backoff(seed: seed)
        self.now = now
        self.changed = changed
    }

    package func start() { look() }

    package func stop() {
        if let timer { loop.cancel(timer) }
        timer = nil
        call?.cancel()
        call = nil
    }

    /// Looks at once, instead of in a while.
    package func look() {
        stop()
        let path = Self.kind.path(version: "v1", namespace: namespace, name: Self.secretName)
        call = transport.send(APIRequest(.get, path)) { [weak self] result in
            guard let self else { return }
            call = nil
            switch result {
            case .success(let response) where response.isSuccess: read(response.body)
            case .success(let response) where response.status == 404: renew(nil, resourceVersion: nil)
            case .success(let response): fail("cannot be read: status \(response.status)", status: response.status)
            case .failure(let error): fail("cannot be read: \(error)", error)
            }
        }
    }

    private func read(_ body: [UInt8]) {
        guard let secret = try? JSONReader.node(body) else { return fail("is no JSON") }
        renew(WeirCertificates(secret: secret), resourceVersion: secret["metadata"]?["resourceVersion"]?.stringValue)
    }

    private func renew(_ stored: WeirCertificates?, resourceVersion: String?) {
        let decision = policy.decide(stored, now: now())
        if case .keep = decision, let stored { return use(stored) }
        do throws(TLSError) {
            guard let renewed = try policy.apply(decision, to: stored) else { return fail("cannot be renewed") }
            write(renewed, resourceVersion: resourceVersion, because: Self.text(decision))
        } catch {
            fail("cannot be renewed: \(error)")
        }
    }

    private func write(_ certificates: WeirCertificates, resourceVersion: String?, because reason: String) {
        var metadata = Node.mapping([
            "name": .string(Self.secretName), "namespace": .string(namespace),
            "labels": .mapping(["app.kubernetes.io/managed-by": "weir-controller"]),
        ])
        metadata.set("resourceVersion", resourceVersion.map { .string($0) })
        let secret = Node.mapping([
            "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": certificates.data,
        ])
        let isNew = resourceVersion == nil
        let path = Self.kind.path(version: "v1", namespace: namespace, name: isNew ? nil : Self.secretName)
        call = transport.send(APIRequest(isNew ? .post : .put, path, body: secret.json)) { [weak self] result in
            guard let self else { return }
            call = nil
            switch result {
            case .success(let response) where response.isSuccess:
                Log.info("certificates", "Secret \(namespace)/\(Self.secretName): \(reason)")
                use(certificates)
            // Another replica was faster, or the Secret has gone: what is there now counts.
            case .success(let response) where response.status == 409 || (response.status == 404 && !isNew):
                again(after: Self.retryInterval)
            case .success(let response) where response.status == 404:
                fail("cannot be made: there is no namespace \(namespace)")
            case .success(let response): fail("cannot be written: status \(response.status)", status: response.status)
            case .failure(let error): fail("cannot be written: \(error)", error)
            }
        }
    }

    private func use(_ certificates: WeirCertificates) {
        backoff.reset()
        trouble.reportEnd("certificates", "Secret \(namespace)/\(Self.secretName)")
        again(after: Self.interval)
        guard certificates != current else { return }
        current = certificates
        changed(certificates)
    }

    /// What is in use goes on being used.
    private func fail(_ reason: String, _ error: APIError? = nil, status: Int? = nil) {
        trouble.report("certificates", "Secret \(namespace)/\(Self.secretName)", reason, error, status: status)
        again(after: backoff.next())
    }

    private func again(after delay: UInt64) {
        if let timer { loop.cancel(timer) }
        timer = loop.after(delay) { [weak self] in self?.look() }
    }

    private static func text(_ decision: CertificatePolicy.Decision) -> String {
        switch decision {
        case .keep: "kept"
        case .renewLeaf: "the serving certificate is renewed"
        case .renewAuthority: "a new authority is announced"
        case .beginAnew: "a new authority and serving certificate are made"
        }
    }
}
