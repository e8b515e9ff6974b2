internal import GatewayAPI
internal import Kubernetes
internal import Reactor
internal import Telemetry

/// Keeps the GatewayClasses of this controller from going while Gateways name them. Acts only while this controller
/// leads, on the classes that the last plan found to be its own.
final class ClassFinalizers {
    private static let width = 4
    private static let timeout: UInt64 = 15_000_000_000

    private let transport: any APITransport
    private let loop: EventLoop
    private var classes: [String: ClassFinalizer] = [:]
    /// Our classes by name, and whether there is a Gateway of the class; nil without a plan of this term.
    private var wanted: [String: Bool]?
    private var queue = RetryQueue<String>(width: ClassFinalizers.width)
    private var calls: [String: any APICall] = [:]
    private var failures: [String: String] = [:]
    private var timer: EventTimer?
    private var isTurnScheduled = false

    init(transport: any APITransport, loop: EventLoop) {
        self.transport = transport
        self.loop = loop
    }

    /// Takes in what the watch of GatewayClasses tells.
    func observe(_ event: WatchEvent) {
        switch event {
        case .changed(let object):
            guard let name = object.objectKey?.name else { return }
            let now = ClassFinalizer(object)
            guard classes.updateValue(now, forKey: name) != now else { return }
            add(name)
        case .removed(let key): forget(key.name)
        case .absent:
            for name in classes.keys { forget(name) }
        case .synced, .interrupted: break
        }
    }

    /// - Parameter classes: of this controller, and whether there is a Gateway of each.
    func want(_ classes: [String: Bool]) {
        let before = wanted ?? [:]
        wanted = classes
        for (name, isUsed) in classes where before[name] != isUsed { add(name) }
    }

    /// This controller does not lead any more.
    func stop() {
        wanted = nil
        for call in calls.values { call.cancel() }
        calls = [:]
        queue.removeAll()
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    private func forget(_ name: String) {
        classes[name] = nil
        failures[name] = nil
    }

    private func add(_ name: String) {
        guard wanted?[name] != nil else { return }
        queue.add(name, isChanged: true)
        scheduleTurn()
    }

    private func scheduleTurn() {
        guard !isTurnScheduled else { return }
        isTurnScheduled = true
        loop.after(0) { [weak self] in self?.turn() }
    }

    private func turn() {
        isTurnScheduled = false
        while let name = queue.next(now: Clock.now()) { act(on: name) }
        if let timer { loop.cancel(timer) }
        timer = queue.nextDue.map { due in
            let now = Clock.now()
            return loop.after(due > now ? due - now : 0) { [weak self] in self?.scheduleTurn() }
        }
    }

    private func act(on name: String) {
        guard let finalizer = classes[name], let isWanted = wanted?[name],
            let patch = finalizer.patch(isWanted: isWanted)
        else { return finish(name, nil) }
        let path = ResourceKind.gatewayClass.api.path(version: finalizer.version, name: name)
        let request = APIRequest(
            .patch, path, query: [("fieldManager", ManagedMark.manager)], contentType: .mergePatch, body: patch.json,
            timeout: Self.timeout)
        calls[name] = transport.send(request) { [weak self] result in self?.answered(name, result) }
    }

    private func answered(_ name: String, _ result: Result<APIResponse, APIError>) {
        calls[name] = nil
        switch result {
        case .success(let response) where response.isSuccess || response.status == 404:
            finish(name, nil)
        case .success(let response) where response.status == 409:
            // Somebody was first: its newer state comes, or has come.
            finish(name, "")
        case .success(let response):
            finish(name, "\(response.status), \(response.explanation)")
        case .failure(let error):
            finish(name, "the API server \(error)")
        }
    }

    /// - Parameter failure: what went wrong, empty when nobody has to hear of it; nil when nothing did.
    private func finish(_ name: String, _ failure: String?) {
        if let failure, !failure.isEmpty, failures[name] != failure {
            Log.error(
                "provisioning", "the finalizers of GatewayClass \(name) cannot be written: \(failure); tried again")
        }
        failures[name] = failure
        queue.finished(name, succeeded: failure == nil, now: Clock.now(), spread: Double.random(in: 0...1))
        scheduleTurn()
    }
}
