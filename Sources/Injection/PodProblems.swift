internal import GatewayAPI

/// What is wrong with one pod: the first problems of each severity, so that no number of warnings hides what the pod is
/// refused for, and the number of the others.
struct PodProblems {
    private(set) var shown: [Problem] = []
    private var counts: [Problem.Severity: Int] = [:]

    var hasError: Bool { counts[.error, default: 0] > 0 }

    mutating func add(_ problem: Problem) {
        if counts[problem.severity, default: 0] < InjectionLimits.problems { shown.append(problem) }
        counts[problem.severity, default: 0] += 1
    }

    mutating func add(_ others: PodProblems) {
        for problem in others.shown { add(problem) }
        for (severity, count) in others.counts {
            counts[severity, default: 0] += count - others.shown.count { $0.severity == severity }
        }
    }

    /// At most `InjectionLimits.problems` and one that says how many more there are; errors before warnings where both
    /// do not fit.
    func told(of request: InjectionRequest) -> [Problem] {
        let errors = shown.filter { $0.severity == .error }
        let warnings = shown.filter { $0.severity == .warning }.prefix(InjectionLimits.problems - errors.count)
        let hidden = counts.values.reduce(0, +) - errors.count - warnings.count
        let kept = warnings.count + errors.count == shown.count ? shown : errors + warnings
        guard hidden > 0 else { return kept }
        return kept + [request.problem(.warning, "", "", "has \(hidden) more problems, which are not told")]
    }
}
