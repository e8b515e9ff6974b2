internal import Telemetry

/// Who may hold how many of a worker's connections: each door's clients, and the connections to endpoints that each
/// door's requests need, have places of their own, so that none can be kept from working by how many the others are. A
/// client has one request at a time, so whoever was let in finds a connection to an endpoint.
struct ConnectionShares {
    /// What a connection is, as far as places go.
    struct Group: Equatable {
        enum Side: Int, CaseIterable {
            case clients
            case endpoints
        }

        var side: Side
        var door: Door

        /// Groups are numbered from 0.
        static let count = Side.allCases.count * Door.allCases.count
        var index: Int { side.rawValue * Door.allCases.count + Int(door.rawValue) }

        init(_ side: Side, _ door: Door) {
            self.side = side
            self.door = door
        }
    }

    /// Places of one group.
    let limit: Int
    /// Places of all together.
    let total: Int
    private var counts = [Int](repeating: 0, count: Group.count)

    /// - Parameters:
    ///   - limit: the most connections of one group.
    ///   - descriptors: the most connections altogether; where they do not suffice each group has an equal part of
    ///     them.
    ///   - doors: those that the worker has.
    init(limit: Int, descriptors: Int, doors: [Door]) {
        let groups = max(1, doors.count * Group.Side.allCases.count)
        self.limit = max(1, min(limit, descriptors / groups))
        total = self.limit * groups
    }

    /// The last places of a group, which nobody takes who has as many already: however much one does, somebody else is
    /// let in.
    var reserve: Int { limit / 8 }

    func count(_ group: Group) -> Int { counts[group.index] }

    /// A further connection of the group has a place.
    func hasRoom(_ group: Group) -> Bool { count(group) < limit }

    /// Only the last places of the group are free.
    func isNearlyFull(_ group: Group) -> Bool { limit - count(group) <= reserve }

    mutating func took(_ group: Group) { counts[group.index] += 1 }

    mutating func gave(back group: Group) { counts[group.index] -= 1 }
}
