/// Judges what all back ends of one family hold together.
enum Verifier {
    /// What is wrong, one line each; empty when exactly one back end holds the rules, and holds them as wanted.
    static func differences(_ states: [BackendState], wanted: NATTable) -> [String] {
        let holders = BackendState.preferred(states).filter { $0.table.holdsWeir }
        guard let holder = holders.first else { return ["absent: no chain of Weir in any back end"] }
        var lines = holder.table.differences(from: wanted).map { "\(holder.backend.name): \($0)" }
        for other in holders.dropFirst() {
            lines.append("\(other.backend.name): also holds rules of Weir, which belong into one back end only")
        }
        return lines
    }
}
