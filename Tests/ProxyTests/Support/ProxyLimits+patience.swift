@testable import Proxy

extension ProxyLimits {
    /// Limits that no test reaches by being slow: what is waited for before something else is done instead is waited
    /// for as long as a test waits. A test of one of them makes that one short.
    static var patient: ProxyLimits {
        let patience = UInt64(Peer.patience) * ProxyLimits.millisecond
        var limits = ProxyLimits()
        limits.headTimeout = patience
        limits.connectTimeout = patience
        limits.connectHeadStart = patience
        limits.upstreamAckTimeout = patience
        limits.discoveryWait = patience
        limits.detectionWait = patience
        return limits
    }
}
