/// Values for a bounded time, a bounded number of them: a full cache makes room by what it has kept longest.
struct ExpiringCache<Key: Hashable, Value> {
    private struct Entry {
        var value: Value
        var until: UInt64
        var serial: UInt64
    }

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    /// In the order of their keeping; one that was kept anew since has another serial.
    private var order: [(key: Key, serial: UInt64)] = []
    private var first = 0
    private var serial: UInt64 = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { entries.count }

    mutating func value(_ key: Key, now: UInt64) -> Value? {
        guard let entry = entries[key] else { return nil }
        guard entry.until > now else {
            entries[key] = nil
            return nil
        }
        return entry.value
    }

    mutating func keep(_ value: Value, _ key: Key, until: UInt64) {
        serial += 1
        entries[key] = Entry(value: value, until: until, serial: serial)
        order.append((key, serial))
        while entries.count > capacity || order.count - first > 2 * capacity { dropFirst() }
    }

    private mutating func dropFirst() {
        guard first < order.count else { return }
        let oldest = order[first]
        if entries[oldest.key]?.serial == oldest.serial { entries[oldest.key] = nil }
        first += 1
        if first > 64, first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
    }
}
