internal import GatewayAPI

/// The members of one object while it is read: keys stay unique, and the last value of a key counts.
struct JSONMembers {
    /// Beyond this many members keys are looked up in an index; below, comparing is faster.
    private static let indexThreshold = 16

    private(set) var entries: [Node.Entry] = []
    private var index: [String: Int] = [:]

    /// False when the key is there already.
    mutating func insert(_ key: String, _ value: Node) -> Bool {
        if let position = position(of: key) {
            entries[position].value = value
            return false
        }
        entries.append(Node.Entry(key: key, value: value))
        if entries.count == Self.indexThreshold {
            for (position, entry) in entries.enumerated() { index[entry.key] = position }
        } else if entries.count > Self.indexThreshold {
            index[key] = entries.count - 1
        }
        return true
    }

    private func position(of key: String) -> Int? {
        entries.count < Self.indexThreshold ? entries.firstIndex { $0.key == key } : index[key]
    }
}
