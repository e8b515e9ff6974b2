/// The last changes of one kind, for those who were away for a while.
struct EventHistory {
    /// Changes kept at most.
    static let maximumEvents = 8192
    /// Bytes of the objects in them at most.
    static let maximumBytes = 16 << 20

    private var events: [ObjectEvent] = []
    private var first = 0
    private var bytes = 0
    /// Every change after this version is here.
    private(set) var floor: UInt64
    private let maximumEvents: Int

    init(floor: UInt64, maximumEvents: Int = EventHistory.maximumEvents) {
        self.floor = floor
        self.maximumEvents = maximumEvents
    }

    mutating func append(_ event: ObjectEvent) {
        events.append(event)
        bytes += EventHistory.size(event)
        while events.count - first > maximumEvents || bytes > EventHistory.maximumBytes { dropFirst() }
    }

    /// Nothing before `version` can be told any more.
    mutating func forget(before version: UInt64) {
        events = []
        first = 0
        bytes = 0
        floor = version
    }

    /// The changes after a version, in order; nil when they are not all here.
    func events(after version: UInt64) -> ArraySlice<ObjectEvent>? {
        guard version >= floor else { return nil }
        var low = first
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].version <= version { low = middle + 1 } else { high = middle }
        }
        return events[low...]
    }

    private mutating func dropFirst() {
        guard first < events.count else { return }
        floor = events[first].version
        bytes -= EventHistory.size(events[first])
        events[first].old = nil
        events[first].new = nil
        first += 1
        if first > 256, first * 2 > events.count {
            events.removeFirst(first)
            first = 0
        }
    }

    /// What an event alone keeps in memory: the object as it was before.
    private static func size(_ event: ObjectEvent) -> Int { event.old?.bytes.count ?? 0 }
}
