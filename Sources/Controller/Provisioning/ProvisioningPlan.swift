internal import GatewayAPI

/// What is wanted for one Gateway.
package enum ProvisioningPlan: Hashable, Sendable {
    /// Exactly these objects.
    case objects([ManagedObject])
    /// Whatever is there stays as it is: its parameters cannot be read, no listener can be served, its class is
    /// unknown.
    case hold

    var objects: [ManagedObject] {
        guard case .objects(let objects) = self else { return [] }
        return objects
    }
}
