internal import GatewayAPI

/// Puts redirect and proxy into pods. Pure: the same request and settings give the same pod, and an injected pod gives
/// itself.
package struct Injector: Sendable {
    package let settings: InjectionSettings

    package init(settings: InjectionSettings) {
        self.settings = settings
    }

    package func inject(_ request: InjectionRequest) -> InjectionResult {
        switch InjectionDecision.decide(request, settings: settings) {
        case .skip(let reason, let problem):
            return InjectionResult(outcome: .skipped(reason), problems: problem.map { [$0] } ?? [])
        case .refuse(let reason, let problem):
            return InjectionResult(outcome: .refused(reason), problems: [problem])
        case .inject:
            return patch(request)
        }
    }

    private func patch(_ request: InjectionRequest) -> InjectionResult {
        let own = PodSettings(request, settings: settings)
        let shape = PodShape(request)
        let pod = shape.problems.hasError ? request.pod : EarlierInjection.removed(from: request.pod)
        var problems = own.problems
        problems.add(shape.problems)
        if !shape.problems.hasError {
            problems.add(PodConflicts(in: pod, request: request, settings: own.settings).problems)
        }
        if let error = problems.shown.first(where: { $0.severity == .error }) {
            return InjectionResult(outcome: .refused(error.summary), problems: problems.told(of: request))
        }
        var patch = PodPatch(
            pod: pod, request: request, settings: own.settings,
            amendments: InjectionAmendments(request, settings: own.settings))
        patch.apply()
        problems.add(patch.problems)
        return InjectionResult(outcome: .injected(patch.pod), problems: problems.told(of: request))
    }
}

extension Problem {
    /// Field, value and rule, for a message whose object is known.
    fileprivate var summary: String {
        value.isEmpty ? "\(field): \(message)" : "\(field): \(value): \(message)"
    }
}
