internal import GatewayAPI
internal import Kubernetes
internal import Reactor
internal import Telemetry

/// Keeps one member of one object as it should be, where the object itself is the installation's: it is looked at once
/// a minute, since whoever applies the installation's manifest again may take the member out.
final class ObjectUpkeep {
    /// What makes the object what it should be, as a merge patch; nil when it is.
    typealias Patch = (Node) -> Node?

    /// Nanoseconds between two looks.
    private static let interval: UInt64 = 60_000_000_000
    /// When the object has changed since it was read.
    private static let retryInterval: UInt64 = 1_000_000_000

    private let transport: any APITransport
    private let loop: EventLoop
    private let kind: APIKind
    private let name: String
    private let component: StaticString
    private let texts: Texts
    private var patch: Patch?
    private var backoff: Backoff
    /// Of the last look; said once, not at every attempt.
    private var trouble = ToldTrouble()
    private var timer: EventTimer?
    private var call: (any APICall)?
    /// Told once, not every minute.
    private var isAbsenceTold = false

    /// Whether the last look found, or left, the object as it should be.
    private(set) var isInPlace = false

    struct Texts {
        /// What follows from there being no such object.
        var absence: String
        /// What was done when it was changed.
        var change: String
    }

    /// - Parameter seed: of the pauses' jitter.
    init(
        transport: any APITransport, loop: EventLoop, kind: APIKind, name: String, component: StaticString,
        texts: Texts, seed: UInt64
    ) {
        backoff = Backoff(seed: seed)
        self.transport = transport
        self.loop = loop
        self.kind = kind
        self.name = name
        self.component = component
        self.texts = texts
    }

    /// From now on this is how it should be.
    func keep(_ patch: @escaping Patch) {
        self.patch = patch
        look()
    }

    func stop() {
        if let timer { loop.cancel(timer) }
        timer = nil
        call?.cancel()
        call = nil
    }

    private var subject: String { "\(kind.kind) \(name)" }

    private func look() {
        stop()
        call = transport.send(APIRequest(.get, kind.path(version: kind.versions[0], name: name))) {
            [weak self] result in
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
        guard let patch, let object = try? JSONReader.node(body) else { return fail("is no JSON") }
        guard let change = patch(object) else { return done() }
        isInPlace = false
        let request = APIRequest(
            .patch, kind.path(version: kind.versions[0], name: name), query: [("fieldManager", ManagedMark.manager)],
            contentType: .mergePatch, body: change.json)
        call = transport.send(request) { [weak self] result in
            guard let self else { return }
            call = nil
            switch result {
            case .success(let response) where response.isSuccess:
                Log.info(component, "\(subject): \(texts.change)")
                done()
            case .success(let response) where response.status == 409 || response.status == 404:
                again(after: Self.retryInterval)
            case .success(let response): fail("cannot be changed: status \(response.status)", status: response.status)
            case .failure(let error): fail("cannot be changed: \(error)", error)
            }
        }
    }

    private func absent() {
        isInPlace = false
        if !isAbsenceTold { Log.warn(component, "\(subject) does not exist; \(texts.absence)") }
        isAbsenceTold = true
        again(after: Self.interval)
    }

    private func done() {
        isInPlace = true
        backoff.reset()
        trouble.reportEnd(component, subject)
        again(after: Self.interval)
    }

    private func fail(_ reason: String, _ error: APIError? = nil, status: Int? = nil) {
        isInPlace = false
        trouble.report(component, subject, reason, error, status: status)
        again(after: backoff.next())
    }

    private func again(after delay: UInt64) {
        if let timer { loop.cancel(timer) }
        timer = loop.after(delay) { [weak self] in self?.look() }
    }
}

extension Node {
    /// A merge patch of one member. It replaces a list as a whole, so the resource version of the object that it was
    /// made from goes with it: a list that has changed meanwhile is not undone.
    func mergePatch(_ member: String, _ value: Node) -> Node {
        var patch = Node.mapping([:])
        patch.set(member, value)
        if let version = self["metadata"]?["resourceVersion"] {
            patch.set("metadata", .mapping(["resourceVersion": version]))
        }
        return patch
    }
}
