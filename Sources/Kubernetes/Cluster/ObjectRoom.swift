internal import GatewayAPI

/// What a proxy keeps of other people's objects: no more than a total, whatever there is in the cluster. Objects that
/// there is no room for are the newest of the namespaces that have most.
struct ObjectRoom {
    /// When there is more than the bounds by this part of each, it is looked anew for whom there is no room.
    private static let slack = 8

    private let room: SharedRoom
    /// Of whatever has been heard of, kept or not.
    private var claims: [ResourceID: Claim] = [:]
    private(set) var refused: Set<ResourceID> = []
    private var refusedOf: [String: Int] = [:]
    private var keptBytes = 0
    private var keptOf: [String: Int] = [:]
    /// Something that was kept or refused has gone, so that there may be room for what was refused.
    private var hasShrunk = false

    init(_ room: SharedRoom) {
        self.room = room
    }

    /// Takes note of an object as it is now; nil for one that is gone. One that was refused is admitted if it fits as
    /// things are.
    mutating func note(_ id: ResourceID, _ claim: Claim?) {
        if let old = claims[id] {
            if refused.contains(id) { admit(id, of: old.tenant) } else { keep(-old.amount, of: old.tenant) }
            hasShrunk = hasShrunk || old.amount > claim?.amount ?? 0
        }
        claims[id] = claim
        guard let claim else { return }
        keep(claim.amount, of: claim.tenant)
    }

    private mutating func keep(_ bytes: Int, of tenant: String) {
        keptBytes += bytes
        let kept = keptOf[tenant, default: 0] + bytes
        keptOf[tenant] = kept == 0 ? nil : kept
    }

    private mutating func admit(_ id: ResourceID, of tenant: String) {
        refused.remove(id)
        let left = refusedOf[tenant, default: 1] - 1
        refusedOf[tenant] = left == 0 ? nil : left
    }

    private mutating func refuse(_ id: ResourceID) {
        guard let claim = claims[id], refused.insert(id).inserted else { return }
        keep(-claim.amount, of: claim.tenant)
        refusedOf[claim.tenant, default: 0] += 1
    }

    /// There is more, of all or of one namespace, than there is room for.
    func isFull(_ tenant: String) -> Bool {
        keptBytes > room.total || keptOf[tenant, default: 0] > room.each
    }

    /// There is so much more that it cannot wait for the end of a burst of changes.
    func isOverflowing(_ tenant: String) -> Bool {
        keptBytes > room.total + room.total / Self.slack
            || keptOf[tenant, default: 0] > room.each + room.each / Self.slack
    }

    /// Whether `settle` may find something.
    var isUnsettled: Bool {
        keptBytes > room.total || keptOf.values.contains { $0 > room.each } || (hasShrunk && !refused.isEmpty)
    }

    /// Finds for whom there is no room now: those that have to go, and those that there would be room for again.
    mutating func settle() -> (refused: [ResourceID: SharedRoom.Refusal], regained: Set<ResourceID>) {
        hasShrunk = false
        let ids = Array(claims.keys)
        let found = room.refusals(ids.compactMap { claims[$0] })
        let beyond = Dictionary(uniqueKeysWithValues: found.map { (ids[$0], $1) })
        let fresh = beyond.filter { !refused.contains($0.key) }
        for id in fresh.keys { refuse(id) }
        return (fresh, refused.filter { beyond[$0] == nil })
    }

    func refusedCount(of tenant: String) -> Int { refusedOf[tenant] ?? 0 }
}
