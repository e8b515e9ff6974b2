/// What one object asks for of a room that several tenants share.
package struct Claim: Sendable {
    /// The namespace that has to pay.
    package var tenant: String
    /// The namespace that the tenant has let in, and that shares its part of the room with others that it has; empty
    /// for its own.
    package var guest: String
    /// Of the object: the newest give way first.
    package var creation: Int64
    package var object: ObjectKey
    package var amount: Int

    package init(_ metadata: ObjectMeta, tenant: String? = nil, guest: String = "", amount: Int) {
        self.tenant = tenant ?? metadata.key.namespace
        self.guest = guest
        // Objects without a creationTimestamp are of equal age.
        creation = metadata.creationTimestamp ?? 0
        object = metadata.key
        self.amount = amount
    }

    fileprivate static func isOlder(_ a: Claim, _ b: Claim) -> Bool {
        (a.creation, a.object) < (b.creation, b.object)
    }
}

/// A room for what several tenants have: a total of it, and so much that each may have of that at most. Where it does
/// not suffice, the newest objects of those who have most are refused, and nobody else's.
package struct SharedRoom: Sendable {
    /// Why there is no room for a claim.
    package enum Refusal: Equatable, Sendable {
        /// The tenant has as much as it may have in any case.
        case tenantLimit(Int)
        /// Everybody together has more than the total, and the tenant more than its share of that.
        case share(Int, total: Int)
    }

    package let total: Int
    package let each: Int

    package init(total: Int, each: Int) {
        self.total = total
        self.each = each
    }

    /// The part of the room that is kept for what answers in the place of objects that are refused.
    package var forSubstitutes: SharedRoom { SharedRoom(total: total / 8, each: each / 8) }

    /// The claims that are refused, by position.
    package func refusals(_ claims: [Claim]) -> [Int: Refusal] {
        guard Self.sum(claims.lazy.map(\.amount)) > min(total, each) else { return [:] }
        let byTenant = Dictionary(grouping: claims.indices) { claims[$0].tenant }
        let demands = byTenant.mapValues { positions in Self.sum(positions.lazy.map { claims[$0].amount }) }
        let level = FairShares(of: total, among: demands.values.map { min($0, each) }).level ?? each
        var refused: [Int: Refusal] = [:]
        for (tenant, positions) in byTenant {
            let allowed = min(level, each)
            guard demands[tenant] ?? 0 > allowed else { continue }
            let reason = allowed == each ? Refusal.tenantLimit(each) : .share(allowed, total: total)
            for position in beyond(allowed, positions, claims) { refused[position] = reason }
        }
        return refused
    }

    /// Those of one tenant for which the rest is no room.
    private func beyond(_ allowed: Int, _ positions: [Int], _ claims: [Claim]) -> [Int] {
        let byGuest = Dictionary(grouping: positions) { claims[$0].guest }
        let demands = byGuest.values.map { positions in Self.sum(positions.lazy.map { claims[$0].amount }) }
        let level = FairShares(of: allowed, among: demands).level ?? allowed
        return byGuest.values.flatMap { positions in
            var left = level
            return positions.sorted { Claim.isOlder(claims[$0], claims[$1]) }.filter { position in
                let fits = claims[position].amount <= left
                if fits { left -= claims[position].amount }
                return !fits
            }
        }
    }

    private static func sum(_ amounts: some Sequence<Int>) -> Int {
        amounts.reduce(0) { sum, amount in
            let (next, overflow) = sum.addingReportingOverflow(amount)
            return overflow ? .max : next
        }
    }
}
