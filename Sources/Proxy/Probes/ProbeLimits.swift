/// What the probes of one pod may use at once. Anyone who reaches the telemetry port can ask for them.
enum ProbeLimits {
    /// Seconds; the kubelet's own longest would be an hour.
    static let longestTimeout: UInt32 = 3600
    /// Redirects followed, as by the kubelet.
    static let redirects = 10
    /// Bytes that a gRPC health check may answer with; it needs some hundred.
    static let grpcBytes = 64 << 10
    /// A delay that the environment asks for is cut to this: what a pod's grace period is at most by default.
    static let longestDelay = 300 * ProxyLimits.second
}
