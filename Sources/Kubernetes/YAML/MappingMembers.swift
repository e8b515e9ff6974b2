internal import GatewayAPI

/// The members of one mapping while it is read: keys stay unique, and merged ones give way to written ones.
struct MappingMembers {
    /// Beyond this many members keys are looked up in an index; below, comparing is faster.
    private static let indexThreshold = 16

    private var entries: [Node.Entry] = []
    private var index: Set<String> = []
    /// In the order of the merge: the first mapping that has a key wins.
    private var merged: [Node.Entry] = []

    /// False when the key is there already; the first value stays.
    mutating func insert(_ key: String, _ value: Node) -> Bool {
        guard !contains(key) else { return false }
        entries.append(Node.Entry(key: key, value: value))
        if entries.count == Self.indexThreshold {
            index = Set(entries.map(\.key))
        } else if entries.count > Self.indexThreshold {
            index.insert(key)
        }
        return true
    }

    mutating func merge(_ others: [Node.Entry]) {
        merged += others
    }

    mutating func finish() -> [Node.Entry] {
        for entry in merged { _ = insert(entry.key, entry.value) }
        return entries
    }

    private func contains(_ key: String) -> Bool {
        entries.count < Self.indexThreshold ? entries.contains { $0.key == key } : index.contains(key)
    }
}
