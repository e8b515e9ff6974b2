/// What is to be done again until it has worked: at most so many at once, each with a pause of its own after a failure.
/// Pure; times are nanoseconds of a clock that its owner reads.
struct RetryQueue<Key: Hashable> {
    static var firstPause: UInt64 { 1_000_000_000 }
    static var longestPause: UInt64 { 60_000_000_000 }

    private var ready: [Key] = []
    private var head = 0
    private var queued: Set<Key> = []
    private var delayed: [Key: UInt64] = [:]
    private var running: Set<Key> = []
    /// Asked for while it was running.
    private var again: Set<Key> = []
    private var failures: [Key: Int] = [:]
    private let width: Int

    /// - Parameter width: how many may run at once.
    init(width: Int) {
        self.width = width
    }

    /// What waits or runs.
    var depth: Int { queued.count + delayed.count + running.count }

    /// Asks for a key to be looked at. One that pauses after a failure goes on pausing, unless what failed has changed.
    mutating func add(_ key: Key, isChanged: Bool) {
        if isChanged { failures[key] = nil }
        if running.contains(key) {
            again.insert(key)
            return
        }
        if delayed[key] != nil {
            guard isChanged else { return }
            delayed[key] = nil
        }
        enqueue(key)
    }

    /// The next key to run; nil when nothing is due, or enough runs.
    mutating func next(now: UInt64) -> Key? {
        for (key, due) in delayed where due <= now {
            delayed[key] = nil
            enqueue(key)
        }
        guard running.count < width, head < ready.count else { return nil }
        let key = ready[head]
        head += 1
        if head == ready.count {
            ready.removeAll(keepingCapacity: head < 1024)
            head = 0
        }
        queued.remove(key)
        running.insert(key)
        return key
    }

    /// - Parameter spread: 0...1, by which the pause is lengthened, so that many that failed together do not return
    ///   together.
    mutating func finished(_ key: Key, succeeded: Bool, now: UInt64, spread: Double) {
        guard running.remove(key) != nil else { return }
        let isWantedAgain = again.remove(key) != nil
        if succeeded {
            failures[key] = nil
            if isWantedAgain { enqueue(key) }
            return
        }
        let count = failures[key, default: 0]
        failures[key] = min(count + 1, 16)
        let pause = min(Self.firstPause << UInt64(min(count, 8)), Self.longestPause)
        delayed[key] = now &+ pause &+ UInt64(Double(pause / 4) * min(max(spread, 0), 1))
    }

    /// When something that pauses is due; nil when nothing pauses.
    var nextDue: UInt64? { delayed.values.min() }

    mutating func removeAll() {
        self = RetryQueue(width: width)
    }

    private mutating func enqueue(_ key: Key) {
        guard queued.insert(key).inserted else { return }
        ready.append(key)
    }
}
