import GatewayAPI

/// One watch under way: what its thread has still to send. Everything but `wake` belongs to the server's lock.
final class Watcher: @unchecked Sendable {
    enum Item {
        case event(type: String, StoredObject)
        /// - Parameter isInitial: ends the initial events of a streamed list.
        case bookmark(Int64, isInitial: Bool)
        /// An event of type ERROR, then the end.
        case failure(APIStatus)
        /// The connection breaks: now, or in the middle of the next event.
        case cut(inNextEvent: Bool)
        case end
    }

    /// A client that falls behind by more than this is cut off, as a real server does.
    static let backlogLimit = 200_000

    let resource: String
    let wake: Wake
    private let selector: Selector
    /// Versions up to this one are known to the client already.
    private var known: Int64 = 0
    private(set) var backlog: [Item] = []
    var mangling = EventMangling()

    init?(resource: String, selector: Selector) {
        guard let wake = Wake() else { return nil }
        self.resource = resource
        self.selector = selector
        self.wake = wake
    }

    /// Nothing up to this version is told: a watch from a version that is still to come stays silent until then, as it
    /// does on a real server that has lost its latest changes.
    func skip(to version: Int64) { known = version }

    func tell(_ event: ObjectTable.Event) {
        guard event.resourceVersion > known else { return }
        let wasIn = event.old.map(selector.matches) ?? false
        let isIn = !event.isDeletion && selector.matches(event.new)
        switch (wasIn, isIn) {
        case (false, true): append(.event(type: "ADDED", event.new))
        case (true, true): append(.event(type: "MODIFIED", event.new))
        case (true, false): append(.event(type: "DELETED", event.new))
        case (false, false): break
        }
    }

    func append(_ item: Item) {
        backlog += mangling.items(item)
        if backlog.count > Self.backlogLimit { backlog = [.end] }
        wake.signal()
    }

    func take() -> [Item] {
        defer { backlog = [] }
        return backlog
    }
}

/// What goes wrong with the next events of a watch.
struct EventMangling {
    /// So many events are sent twice.
    var repeats = 0
    /// So many pairs of events are sent in the wrong order.
    var swaps = 0
    private var held: Watcher.Item?

    mutating func items(_ item: Watcher.Item) -> [Watcher.Item] {
        guard case .event = item else {
            defer { held = nil }
            return [held, item].compactMap(\.self)
        }
        if let first = held {
            held = nil
            swaps -= 1
            return [item, first]
        }
        if swaps > 0 {
            held = item
            return []
        }
        if repeats > 0 {
            repeats -= 1
            return [item, item]
        }
        return [item]
    }
}
