/// What came of asking for the addresses of one family.
package enum FamilyOutcome: Sendable, Equatable {
    /// These addresses, good for so many seconds.
    case addresses([ResolvedAddress], ttlSeconds: Int)
    /// The servers say that there are none: no such name, or no such records.
    case absent
    /// Nobody knows: no server answered, or none in a way that can be used.
    case failed
}

/// What came of resolving one name.
package struct ResolutionOutcome: Sendable, Equatable {
    package var v4: FamilyOutcome
    package var v6: FamilyOutcome

    package init(v4: FamilyOutcome, v6: FamilyOutcome) {
        self.v4 = v4
        self.v6 = v6
    }

    /// How long the answer holds: the smallest TTL given, nil when neither family has an address.
    var ttlSeconds: Int? {
        [v4, v6].compactMap { family -> Int? in
            guard case .addresses(_, let ttl) = family else { return nil }
            return ttl
        }.min()
    }

    /// Whether both families are known not to exist.
    var isAbsent: Bool { v4 == .absent && v6 == .absent }
}
