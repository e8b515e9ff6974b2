internal import Telemetry

/// Who may hold how many of a worker's connections: each door's clients, and the connections to endpoints that each door's requests
/// need, have places of their own, so that none can be kept from working by how many the others are.
///
/// Where descriptors are too few for all of them, half of the places is assured in equal parts and whoever comes first takes the rest.
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
    /// Places that each group in use has whatever the others do.
    let assured: Int
    private let groups: [Group]
    private var counts = [Int](repeating: 0, count: Group.count)
    private var held = 0

    /// - Parameters:
    ///   - limit: the most connections of one group.
    ///   - descriptors: the most connections altogether.
    ///   - doors: those that the worker has.
    init(limit: Int, descriptors: Int, doors: [Door]) {
        groups = doors.flatMap { door in Group.Side.allCases.map { Group($0, door) } }
        self.limit = max(1, limit)
        total = max(1, min(max(1, limit) * groups.count, descriptors))
        assured = min(self.limit, total / (2 * max(1, groups.count)))
    }

    func count(_ group: Group) -> Int { counts[group.index] }

    /// A further connection of the group has a place.
    func hasRoom(_ group: Group) -> Bool {
        guard !isFull(group), held < total else { return false }
        return count(group) < assured || total - held > unmet(beside: group)
    }

    /// The group has all that it may have, however few the others are.
    func isFull(_ group: Group) -> Bool { count(group) >= limit }

    /// Whether a connection of `other` may have to go for one of `group`: its own do, and those that others hold beyond what is
    /// assured to them when what is missing is not a place of the group's own.
    func mayDisplace(_ other: Group, for group: Group) -> Bool {
        other == group || (!isFull(group) && count(other) > assured)
    }

    mutating func took(_ group: Group) {
        counts[group.index] += 1
        held += 1
    }

    mutating func gave(back group: Group) {
        counts[group.index] -= 1
        held -= 1
    }

    /// Places that are assured to the other groups and not in use.
    private func unmet(beside group: Group) -> Int {
        groups.reduce(0) { $1 == group ? $0 : $0 + max(0, assured - count($1)) }
    }
}
