package import GatewayAPI

/// What became of a pod.
package enum InjectionOutcome: Hashable, Sendable {
    /// The pod with redirect and proxy.
    case injected(Node)
    /// It is none of Weir's business, and why: it stays as it is.
    case skipped(String)
    /// It was to be injected and cannot be, and why: it must not run as it is.
    case refused(String)
}

package struct InjectionResult: Hashable, Sendable {
    package var outcome: InjectionOutcome
    /// What its owner should hear: errors explain a refusal, warnings go with any outcome.
    package var problems: [Problem]

    package init(outcome: InjectionOutcome, problems: [Problem] = []) {
        self.outcome = outcome
        self.problems = problems
    }
}
