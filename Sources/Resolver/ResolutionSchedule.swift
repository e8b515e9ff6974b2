internal import Reactor

/// Which names are resolved when, and what is known about each. No I/O and no clock of its own.
///
/// The owner asks for names that are `due`, has them resolved, and reports each with `finish`. The last good answer
/// stays in use while a name cannot be resolved. Times are nanoseconds of any monotonic clock.
package struct ResolutionSchedule {
    private struct Entry {
        var v4: [ResolvedAddress] = []
        var v6: [ResolvedAddress] = []
        var isInFlight = false
        var due: UInt64
        /// Consecutive times the name did not resolve.
        var failures = 0
        /// Consecutive answers that the name does not exist.
        var absences = 0
        var hasAnswer = false
    }

    private var entries: [String: Entry] = [:]
    private var inFlight = 0
    private var random: SplitMix64

    /// - Parameter seed: of the jitter; any number that differs between processes.
    package init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// Replaces the names to resolve. Known names keep their answers, others are forgotten.
    ///
    /// - Returns: the names refused, in order: those that no DNS name can be, and those beyond the limit.
    package mutating func want(_ names: Set<String>, now: UInt64) -> [String] {
        for name in Array(entries.keys) where !names.contains(name) { forget(name) }
        var refused: [String] = []
        for name in names.sorted() where entries[name] == nil {
            if entries.count < ResolverLimits.names && ResolutionSchedule.isHostName(name) {
                entries[name] = Entry(due: now)
            } else {
                refused.append(name)
            }
        }
        return refused
    }

    /// The names to resolve now, the longest due first. Each counts as in flight until `finish` is told of it.
    package mutating func takeDue(now: UInt64) -> [String] {
        let room = max(ResolverLimits.inFlight - inFlight, 0)
        let due = entries.filter { !$0.value.isInFlight && $0.value.due <= now }
            .sorted { ($0.value.due, $0.key) < ($1.value.due, $1.key) }
            .prefix(room).map(\.key)
        for name in due { entries[name]?.isInFlight = true }
        inFlight += due.count
        return due
    }

    /// When the next name is due; nil when none is, or when too many are in flight to begin another.
    package var nextDue: UInt64? {
        guard inFlight < ResolverLimits.inFlight else { return nil }
        return entries.values.lazy.filter { !$0.isInFlight }.map(\.due).min()
    }

    /// The addresses to use for a name: IPv4 before IPv6, each in the order of their numbers. Empty when the name
    /// does not exist; nil when nothing is known about it yet.
    package func addresses(of name: String) -> [ResolvedAddress]? {
        guard let entry = entries[name], entry.hasAnswer else { return nil }
        return entry.v4 + entry.v6
    }

    /// Names whose last resolution failed.
    package var failingNames: Int {
        entries.values.reduce(0) { $0 + ($1.failures > 0 ? 1 : 0) }
    }

    private mutating func forget(_ name: String) {
        guard let entry = entries.removeValue(forKey: name) else { return }
        if entry.isInFlight { inFlight -= 1 }
    }
}

// MARK: - Outcomes

extension ResolutionSchedule {
    /// Takes the outcome of a name that was due.
    ///
    /// - Returns: whether the addresses to use for the name changed.
    package mutating func finish(_ name: String, _ outcome: ResolutionOutcome, now: UInt64) -> Bool {
        guard var entry = entries[name], entry.isInFlight else { return false }
        let before = entry
        entry.isInFlight = false
        inFlight -= 1
        if let ttl = outcome.ttlSeconds {
            entry.v4 = ResolutionSchedule.addresses(outcome.v4, last: entry.v4)
            entry.v6 = ResolutionSchedule.addresses(outcome.v6, last: entry.v6)
            entry.hasAnswer = true
            entry.failures = 0
            entry.absences = 0
            entry.due = now &+ ResolutionSchedule.lifetime(ttlSeconds: ttl)
        } else {
            entry.failures += 1
            entry.absences = outcome.isAbsent ? entry.absences + 1 : 0
            clearIfGone(&entry)
            entry.due = now &+ backoff(failures: entry.failures)
        }
        entries[name] = entry
        return entry.v4 != before.v4 || entry.v6 != before.v6 || entry.hasAnswer != before.hasAnswer
    }

    /// A name that never had an address is known to be absent at once; one that had keeps it for a few answers.
    private func clearIfGone(_ entry: inout Entry) {
        let isEmpty = entry.v4.isEmpty && entry.v6.isEmpty
        guard entry.absences >= (isEmpty ? 1 : ResolverLimits.absencesBeforeClearing) else { return }
        entry.v4 = []
        entry.v6 = []
        entry.hasAnswer = true
    }

    /// The addresses to use for a family: sorted, so that an answer in another order is no change. A family that
    /// could not be asked for keeps its last ones.
    private static func addresses(_ outcome: FamilyOutcome, last: [ResolvedAddress]) -> [ResolvedAddress] {
        switch outcome {
        case .addresses(let found, _):
            let sorted = Set(found).sorted { ($0.high, $0.low) < ($1.high, $1.low) }
            return Array(sorted.prefix(ResolverLimits.addressesPerFamily))
        case .absent: return []
        case .failed: return last
        }
    }

    private static func lifetime(ttlSeconds: Int) -> UInt64 {
        let seconds = UInt64(min(max(ttlSeconds, 0), 1_000_000))
        return min(max(seconds * ResolverLimits.second, ResolverLimits.minimumTTL), ResolverLimits.maximumTTL)
    }

    /// Doubles up to a bound; the upper half of each delay is random, so that the proxies of a cluster do not ask
    /// a server that has just come back all at once.
    private mutating func backoff(failures: Int) -> UInt64 {
        let doublings = min(max(failures - 1, 0), 16)
        let full = min(ResolverLimits.firstBackoff << UInt64(doublings), ResolverLimits.maximumBackoff)
        return full / 2 + random.next() % (full / 2 + 1)
    }
}

// MARK: - Names

extension ResolutionSchedule {
    /// Whether a name can be asked for: letters, digits, `-` and `_` in labels of at most 63 bytes.
    static func isHostName(_ name: String) -> Bool {
        let bytes = name.hasSuffix(".") ? name.utf8.dropLast() : name.utf8[...]
        guard !bytes.isEmpty, bytes.count <= ResolverLimits.nameBytes else { return false }
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.count <= 63 && label.allSatisfy(isNameByte)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
