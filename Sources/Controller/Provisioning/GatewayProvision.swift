package import GatewayAPI

/// What provisioning adds to a Gateway's status.
package struct GatewayProvision: Hashable, Sendable {
    /// Why a condition is False.
    package struct Refusal: Hashable, Sendable {
        package var reason: String
        package var message: String

        package init(_ reason: String, _ message: String) {
            self.reason = reason
            self.message = message
        }
    }

    package var addresses: [GatewayAddress] = []
    /// nil: nothing speaks against it.
    package var accepted: Refusal?
    package var programmed: Refusal?

    package init(addresses: [GatewayAddress] = [], accepted: Refusal? = nil, programmed: Refusal? = nil) {
        self.addresses = addresses
        self.accepted = accepted
        self.programmed = programmed
    }
}

/// What is known of the objects of one Gateway.
package struct ProvisioningFacts: Hashable, Sendable {
    /// The Service as it is in the cluster.
    package var service: Node?
    /// Pods that the workload counts as available; nil when there is no workload yet.
    package var availablePods: Int64?
    /// What could not be done, in a sentence each.
    package var failures: [String] = []

    package init(service: Node? = nil, availablePods: Int64? = nil, failures: [String] = []) {
        self.service = service
        self.availablePods = availablePods
        self.failures = failures
    }
}

extension GatewayProvision {
    /// Judges one Gateway.
    ///
    /// - Parameter problems: of its parameters; then nothing is provisioned.
    package init(_ gateway: GatewayRequest, problems: [String], facts: ProvisioningFacts) {
        addresses = facts.service.map(GatewayAddress.all) ?? []
        accepted = Self.accepted(gateway, problems)
        programmed = accepted.map { Refusal("Invalid", $0.message) } ?? Self.programmed(gateway, facts, addresses)
    }

    private static func accepted(_ gateway: GatewayRequest, _ problems: [String]) -> Refusal? {
        if !problems.isEmpty { return Refusal("InvalidParameters", sentence(problems)) }
        let known = [GatewayAddress.ipAddress, GatewayAddress.hostname]
        for (position, address) in gateway.addresses.enumerated() where !known.contains(address.type) {
            return Refusal(
                "UnsupportedAddress",
                "spec.addresses[\(position)].type \"\(address.type)\" must be one of \(known.joined(separator: ", "))")
        }
        return nil
    }

    /// The most basic thing first: objects, then an address, then whether it is the one that was asked for, then pods.
    private static func programmed(
        _ gateway: GatewayRequest, _ facts: ProvisioningFacts, _ addresses: [GatewayAddress]
    ) -> Refusal? {
        let name = GatewayDeployment.name(of: gateway)
        if !facts.failures.isEmpty { return Refusal("Invalid", sentence(facts.failures)) }
        guard facts.service != nil else { return Refusal("Pending", "Service \(name) is not there yet") }
        if addresses.isEmpty {
            return Refusal(
                "AddressNotAssigned",
                "Service \(name) has no address yet; a cluster without load balancers needs serviceType ClusterIP or NodePort in the parameters"
            )
        }
        let assigned = Set(addresses.map(\.value))
        let missing = gateway.addresses.compactMap(\.value).filter { !assigned.contains($0) }
        if !missing.isEmpty {
            return Refusal(
                "AddressNotUsable",
                "requested but not assigned to Service \(name): \(missing.joined(separator: ", "))")
        }
        guard let pods = facts.availablePods, pods > 0 else {
            return Refusal("NoResources", "no pod of \(name) is available yet")
        }
        return nil
    }

    private static let shownProblems = 5

    private static func sentence(_ problems: [String]) -> String {
        let shown = problems.prefix(shownProblems).joined(separator: "; ")
        let hidden = problems.count - shownProblems
        return hidden > 0 ? "\(shown); and \(hidden) more" : shown
    }
}
