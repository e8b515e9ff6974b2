internal import TLS

/// Verdicts on tokens for a bounded time, a bounded number of them: a full cache makes room by what it has kept longest. Tokens
/// are kept as their digests: whoever reaches the port can have verdicts kept, and a secret need not be.
struct VerdictCache {
    private struct Entry {
        var verdict: Authentication
        var until: UInt64
        var serial: UInt64
    }

    private let capacity: Int
    private var entries: [Digest256: Entry] = [:]
    /// In the order of their keeping; one that was kept anew since has another serial.
    private var order: [(token: Digest256, serial: UInt64)] = []
    private var first = 0
    private var serial: UInt64 = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { entries.count }

    mutating func verdict(_ token: Digest256, now: UInt64) -> Authentication? {
        guard let entry = entries[token] else { return nil }
        guard entry.until > now else {
            entries[token] = nil
            return nil
        }
        return entry.verdict
    }

    mutating func keep(_ verdict: Authentication, _ token: Digest256, until: UInt64) {
        serial += 1
        entries[token] = Entry(verdict: verdict, until: until, serial: serial)
        order.append((token, serial))
        while entries.count > capacity || order.count - first > 2 * capacity { dropFirst() }
    }

    private mutating func dropFirst() {
        guard first < order.count else { return }
        let oldest = order[first]
        if entries[oldest.token]?.serial == oldest.serial { entries[oldest.token] = nil }
        first += 1
        if first > 64, first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
    }
}
