import GatewayAPI

/// One kind's objects, and what happened to them.
struct ObjectTable {
    /// Events kept for watches that resume; older ones are compacted.
    static let historyLimit = 100_000

    struct Event: Sendable {
        var resourceVersion: Int64
        /// nil for a new object.
        var old: StoredObject?
        /// After the change; of a deletion, the last state with the deletion's version.
        var new: StoredObject
        var isDeletion: Bool
    }

    var kind: ServedKind
    private(set) var objects: [ObjectKey: StoredObject] = [:]
    private(set) var history: [Event] = []
    /// Watches from before this version are too late.
    private(set) var compacted: Int64 = 0
    private var sortedKeys: [ObjectKey]?

    init(_ kind: ServedKind) { self.kind = kind }

    subscript(key: ObjectKey) -> StoredObject? { objects[key] }

    /// By namespace and name, as a list shows them.
    mutating func sorted() -> [StoredObject] {
        let keys = sortedKeys ?? objects.keys.sorted()
        sortedKeys = keys
        return keys.compactMap { objects[$0] }
    }

    mutating func record(_ event: Event) {
        let key = event.new.key
        if event.isDeletion || event.old == nil { sortedKeys = nil }
        objects[key] = event.isDeletion ? nil : event.new
        history.append(event)
        if history.count > Self.historyLimit {
            let excess = Self.historyLimit / 2
            compacted = history[excess - 1].resourceVersion
            history.removeFirst(excess)
        }
    }

    mutating func compact(to version: Int64) {
        compacted = version
        history.removeAll { $0.resourceVersion <= version }
    }

    /// What happened after a version.
    func events(after version: Int64) -> ArraySlice<Event> {
        // Ascending; those after are at the end, mostly few.
        var start = history.endIndex
        while start > history.startIndex, history[start - 1].resourceVersion > version { start -= 1 }
        return history[start...]
    }
}
