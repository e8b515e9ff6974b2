internal import GatewayAPI
package import Injection
internal import Reactor
internal import Synchronization
internal import Telemetry

/// The mutating webhook: reviews of pods in, answers out. Decides nothing itself; `Injector` does.
package final class InjectionWebhook {
    /// The labels of a namespace, given at once or later; nil when they cannot be had.
    package typealias NamespaceLabels = (_ namespace: String, _ done: @escaping ([String: String]?) -> Void) -> Void

    package struct Response: Hashable, Sendable {
        package var status: Int
        package var body: [UInt8]
    }

    private let injector: Mutex<Injector>
    private let namespaceLabels: NamespaceLabels
    private var lines = LineBudget(burst: 100, perSecond: 5)

    package init(injector: Injector, namespaceLabels: @escaping NamespaceLabels) {
        self.injector = Mutex(injector)
        self.namespaceLabels = namespaceLabels
    }

    /// Pods are injected by this one from now on. May be called on any thread.
    package func use(_ injector: Injector) {
        self.injector.withLock { $0 = injector }
    }

    /// Answers a body, whatever it says: 200 with a review, 400 to what is none, 503 when the namespace cannot be
    /// looked up (the API server then does what the webhook's failurePolicy says).
    package func answer(body: [UInt8], _ done: @escaping (Response) -> Void) {
        let review: AdmissionReview
        do throws(AdmissionError) { review = try AdmissionReview(body) } catch {
            warn("a request to the webhook was refused: \(error)")
            return done(Response(status: 400, body: Array("\(error)\n".utf8)))
        }
        guard review.isNewPod else { return done(Self.response(judgeUpdate(review), review)) }
        guard let pod = review.object, case .mapping = pod.value else {
            return done(Self.response(AdmissionAnswer(.denied("object: must be a pod; nothing was injected")), review))
        }
        if saysItself(pod) { return done(decide(review, pod, labels: [:])) }
        namespaceLabels(review.namespace) { [self] labels in
            guard let labels else {
                warn("\(review.subject): the labels of its namespace cannot be had; it is not admitted")
                let text = "the labels of the pod's namespace cannot be had\n"
                return done(Response(status: 503, body: Array(text.utf8)))
            }
            done(decide(review, pod, labels: labels))
        }
    }

    /// Of a pod that exists only the images of our containers matter; what is no update of one is left alone.
    private func judgeUpdate(_ review: AdmissionReview) -> AdmissionAnswer {
        guard review.isPodUpdate, let pod = review.object, let before = review.oldObject else {
            return AdmissionAnswer(.untouched)
        }
        let request = InjectionRequest(
            object: review.subject, namespace: review.namespace, basis: .namespace(labels: [:]), pod: pod)
        let settings = injector.withLock { $0.settings }
        guard let problem = PodUpdate.problem(request, before: before, settings: settings) else {
            return AdmissionAnswer(.untouched)
        }
        warn(problem.oneLine)
        return AdmissionAnswer(.denied("weir: \(problem.withoutObject)"))
    }

    /// What a pod says for itself needs no look at its namespace.
    private func saysItself(_ pod: Node) -> Bool {
        ["labels", "annotations"].contains { pod["metadata"]?[$0]?[InjectionAnnotation.inject.key] != nil }
    }

    private func decide(_ review: AdmissionReview, _ pod: Node, labels: [String: String]) -> Response {
        let request = InjectionRequest(
            object: review.subject, namespace: review.namespace, basis: .namespace(labels: labels), pod: pod)
        let result = injector.withLock(\.self).inject(request)
        for problem in result.problems { warn(problem.oneLine) }
        let warnings = result.problems.filter { $0.severity == .warning }.map { "weir: \($0.withoutObject)" }
        switch result.outcome {
        case .skipped(let reason):
            Log.debug("injection", "\(review.subject): not injected: \(reason)")
            return Self.response(AdmissionAnswer(.untouched, warnings: warnings), review)
        case .refused(let reason):
            let errors = result.problems.filter { $0.severity == .error }.map(\.withoutObject)
            let text = "weir: \(errors.isEmpty ? reason : errors.joined(separator: "; "))"
            return Self.response(AdmissionAnswer(.denied(text), warnings: warnings), review)
        case .injected(let injected):
            Log.debug("injection", "\(review.subject): injected")
            let patch = JSONPatch.difference(from: pod, to: injected)
            // An injected pod that comes again (reinvocation) may need no change at all.
            let verdict: AdmissionAnswer.Verdict = patch.elements.isEmpty ? .untouched : .patched(patch)
            return Self.response(AdmissionAnswer(verdict, warnings: warnings), review)
        }
    }

    /// Pods' authors, and whoever else reaches the port, decide what there is to log.
    private func warn(_ line: @autoclosure () -> String) {
        guard case .write(let omitted) = lines.take(now: Clock.now() / 1_000_000) else { return }
        let text = line()
        Log.warn("injection", omitted > 0 ? "\(text) (\(omitted) lines left out before)" : text)
    }

    private static func response(_ answer: AdmissionAnswer, _ review: AdmissionReview) -> Response {
        Response(status: 200, body: answer.body(for: review))
    }
}

extension Problem {
    /// For a reader who knows which object it is about.
    fileprivate var withoutObject: String {
        [field, value, message].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}
