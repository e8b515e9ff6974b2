package import GatewayAPI

/// Judges the pods of documents before anybody injects them, with the readers that do it then: what a pod asks for and
/// would be refused for is told while its author is looking.
package struct PodReview: Sendable {
    private let injector: Injector
    /// By the namespaces that are known.
    private let labels: [String: [String: String]]

    /// - Parameter labels: of each Namespace that is there. Of the others nobody knows whether their pods are injected.
    package init(settings: InjectionSettings, labels: [String: [String: String]]) {
        injector = Injector(settings: settings)
        self.labels = labels
    }

    /// Whether a document is a pod or makes pods.
    package static func concerns(_ document: Node) -> Bool { WorkloadKind.podTemplatePath(of: document) != nil }

    /// What is wrong with the pod that a document is or makes; nothing of one that is left alone.
    package func problems(of document: Node) -> [Problem] {
        guard let request = InjectionRequest(document, basis: .command) else { return [] }
        var around = request
        around.basis = .namespace(labels: labels[request.namespace] ?? [:])
        switch InjectionDecision.decide(around, settings: injector.settings) {
        case .inject: return injector.inject(around).problems
        case .refuse(_, let problem): return [problem] + values(request)
        case .skip(_, let problem):
            // A namespace that does not ask, as far as is known, may well do so where the pod will be.
            if case .skip = InjectionDecision.decide(request, settings: injector.settings) { return [] }
            return (problem.map { [$0] } ?? []) + values(request)
        }
    }

    /// Of what the pod says itself. Names that do not exist are told of every object already.
    private func values(_ request: InjectionRequest) -> [Problem] {
        PodSettings(request, settings: injector.settings).problems.told(of: request).filter { $0.severity == .error }
    }
}
