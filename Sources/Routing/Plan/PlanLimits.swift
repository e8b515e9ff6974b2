/// What bounds the work that one set of resources can cause. A rule that exceeds one answers 500 and says so.
package enum PlanLimits {
    /// Routes on one chain of delegation, the root included.
    package static let delegationDepth = 64
    /// Bytes of one composed regular expression.
    package static let regularExpressionLength = 8_192
    /// Hostnames that the GRPCRoutes of one namespace keep on one Gateway.
    package static let keptHostnames = 4_096
    /// Findings quoted in one condition message; the rest is counted.
    package static let findingsPerMessage = 5
}
