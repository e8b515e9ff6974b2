internal import GatewayAPI
package import Injection
internal import Telemetry

/// The mutating webhook: reviews of pods in, answers out. Decides nothing itself; `Injector` does.
package final class InjectionWebhook {
    /// The labels of a namespace, given at once or later; nil when they cannot be had.
    package typealias NamespaceLabels = (_ namespace: String, _ done: @escaping ([String: String]?) -> Void) -> Void

    package struct Response: Hashable, Sendable {
        package var status: Int
        package var body: [UInt8]
    }

    private var injector: Injector
    private let namespaceLabels: NamespaceLabels

    package init(injector: Injector, namespaceLabels: @escaping NamespaceLabels) {
        self.injector = injector
        self.namespaceLabels = namespaceLabels
    }

    /// Pods are injected by this one from now on.
    package func use(_ injector: Injector) {
        self.injector = injector
    }

    /// Answers a body, whatever it says: 200 with a review, 400 to what is none, 503 when the namespace cannot be looked up (the
    /// API server then does what the webhook's failurePolicy says).
    package func answer(body: [UInt8], _ done: @escaping (Response) -> Void) {
        let review: AdmissionReview
        do throws(AdmissionError) { review = try AdmissionReview(body) } catch {
            Log.warn("injection", "a request to the webhook was refused: \(error)")
            return done(Response(status: 400, body: Array("\(error)\n".utf8)))
        }
        guard review.isNewPod else { return done(Self.response(AdmissionAnswer(.untouched), review)) }
        guard let pod = review.object, case .mapping = pod.value else {
            return done(Self.response(AdmissionAnswer(.denied("object: must be a pod; nothing was injected")), review))
        }
        if saysItself(pod) { return done(decide(review, pod, labels: [:])) }
        namespaceLabels(review.namespace) { [self] labels in
            guard let labels else {
                Log.error(
                    "injection", "\(review.subject): the labels of its namespace cannot be had; it is not admitted")
                let text = "the labels of namespace \(review.namespace) cannot be had\n"
                return done(Response(status: 503, body: Array(text.utf8)))
            }
            done(decide(review, pod, labels: labels))
        }
    }

    /// What a pod says for itself needs no look at its namespace.
    private func saysItself(_ pod: Node) -> Bool {
        ["labels", "annotations"].contains { pod["metadata"]?[$0]?[InjectionAnnotation.inject.key] != nil }
    }

    private func decide(_ review: AdmissionReview, _ pod: Node, labels: [String: String]) -> Response {
        let request = InjectionRequest(
            object: review.subject, namespace: review.namespace, basis: .namespace(labels: labels), pod: pod)
        let result = injector.inject(request)
        for problem in result.problems { Log.warn("injection", problem.oneLine) }
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
