internal import GatewayAPI

/// What a GatewayClass says of its own end.
struct ClassFinalizer: Hashable {
    /// Gateway API: implementations SHOULD put it on a class as long as Gateways of the class exist.
    static let name = "gateway-exists-finalizer.gateway.networking.k8s.io"

    private let finalizers: [Node]
    private let resourceVersion: Node?
    /// Of the form in which the class was read.
    let version: String
    private let isBeingDeleted: Bool

    init(_ object: Node) {
        let metadata = object["metadata"]
        finalizers = metadata?["finalizers"]?.elements ?? []
        resourceVersion = metadata?["resourceVersion"]
        version = object["apiVersion"]?.stringValue?.split(separator: "/").last.map(String.init) ?? "v1"
        isBeingDeleted = metadata?["deletionTimestamp"]?.stringValue != nil
    }

    /// A merge patch that makes the class bear the finalizer, or not; nil when nothing is to be done. It carries the
    /// version that it was made from, because the list is written as a whole: a finalizer that somebody else adds
    /// meanwhile must not be lost.
    func patch(isWanted: Bool) -> Node? {
        let isThere = finalizers.contains { $0.stringValue == Self.name }
        // The server takes no new finalizer on what is being deleted.
        guard isThere != isWanted, !(isWanted && isBeingDeleted), let resourceVersion else { return nil }
        let others = finalizers.filter { $0.stringValue != Self.name }
        return .mapping([
            "metadata": .mapping([
                "resourceVersion": resourceVersion,
                "finalizers": .sequence(isWanted ? others + [.string(Self.name)] : others),
            ])
        ])
    }
}
