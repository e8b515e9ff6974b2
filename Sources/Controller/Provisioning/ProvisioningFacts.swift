internal import GatewayAPI
internal import Routing

/// What is known of the objects of one Gateway.
struct ProvisioningFacts: Hashable, Sendable {
    /// The Service as it is in the cluster.
    var service: Node?
    /// Pods that the workload counts as available; nil when there is no workload yet.
    var availablePods: Int64?
    /// Why the workload can make no pod, in the cluster's words.
    var podRefusal: String?
    /// What could not be done, in a sentence each.
    var failures: [String] = []
}

extension GatewayFacts {
    /// - Parameter name: of the Gateway's Service and workload.
    init(_ facts: ProvisioningFacts, name: String, parametersDefect: String?) {
        self.init(
            infrastructure: Self.infrastructure(facts, name), addresses: facts.service.map(GatewayAddress.all) ?? [],
            parametersDefect: parametersDefect)
    }

    private static let shownFailures = 3

    /// The most basic thing first: that the objects can be made at all, then an address, then pods. A Gateway without
    /// an address says so itself, but how to get one is known here.
    private static func infrastructure(_ facts: ProvisioningFacts, _ name: String) -> Infrastructure {
        if !facts.failures.isEmpty {
            let hidden = facts.failures.count - shownFailures
            let shown = facts.failures.prefix(shownFailures).joined(separator: "; ")
            return .failed(hidden > 0 ? "\(shown); and \(hidden) more" : shown)
        }
        guard facts.service != nil else { return .pending("Service \(name) is not there yet") }
        guard let pods = facts.availablePods, pods > 0 else {
            let reason = facts.podRefusal.map { ": \($0)" } ?? ""
            return .pending("no pod of \(name) is available yet\(reason)")
        }
        return .ready
    }
}
