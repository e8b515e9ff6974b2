/// What bounds the work that one set of resources can cause. A rule that exceeds one answers 500 and says so.
package enum PlanLimits {
    /// Routes on one chain of delegation, the root included.
    package static let delegationDepth = 64
    /// Matches one delegating rule of a root may expand to.
    package static let matchesPerDelegatingRule = 131_072
    /// Child visits every delegating rule of a root may make whatever the other roots do.
    package static let assuredVisitsPerDelegatingRule = 2_048
    /// Child visits beyond the assured ones that all roots of one plan share.
    package static let sharedVisits = 262_144
    /// Bytes of one composed regular expression.
    package static let regularExpressionLength = 8_192
    /// Findings quoted in one condition message; the rest is counted.
    package static let findingsPerMessage = 5
}
