/// Everything of `weir.dev/` that a pod may carry.
package enum InjectionAnnotation: String, Hashable, Sendable, CaseIterable {
    case inject
    case status
    case sidecar
    case proxyImage = "proxy-image"
    case proxyCPURequest = "proxy-cpu-request"
    case proxyCPULimit = "proxy-cpu-limit"
    case proxyMemoryRequest = "proxy-memory-request"
    case proxyMemoryLimit = "proxy-memory-limit"
    case proxyWorkers = "proxy-workers"
    case logLevel = "log-level"
    case accessLog = "access-log"
    case drainTimeout = "drain-timeout"
    case terminationDelay = "termination-delay"
    case rewriteProbes = "rewrite-probes"
    case excludeInboundPorts = "exclude-inbound-ports"
    case excludeOutboundPorts = "exclude-outbound-ports"
    case excludeOutboundCIDRs = "exclude-outbound-cidrs"

    package var key: String { InjectionNames.prefix + rawValue }

    /// nil for a key of somebody else, and for one of ours that does not exist.
    package init?(key: String) {
        guard key.hasPrefix(InjectionNames.prefix) else { return nil }
        self.init(rawValue: String(key.dropFirst(InjectionNames.prefix.count)))
    }
}
