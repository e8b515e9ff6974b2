/// Requests that wait because finding their rules takes long, apart by the namespaces whose routes make it take long.
/// Each of them has its turn, and nobody else waits for any.
///
/// A namespace whose requests have been seen to take long has a while of no further ones at once, so that of many
/// requests that come together one takes the worker's time and the others wait. How long is a multiple of what they
/// took. Namespaces are told apart by a hash: two that share a lane share their waits.
struct CostlyLanes {
    /// Lanes that there are.
    static let count = 256
    /// What takes less than this is not costly, however many steps it has.
    static let threshold: UInt64 = 250_000
    /// For so many times as long as a request took, the namespace's next ones wait.
    static let holdFactor: UInt64 = 64
    /// Nanoseconds of one round of the worker after which requests wait whoever's they are: many namespaces can do what
    /// one cannot.
    static let atOnceTime: UInt64 = 50_000_000
    /// Nanoseconds of one round of the worker after which no further one of those that wait is served.
    static let roundTime: UInt64 = 2_000_000
    /// For so many times as long as a round took, those that wait let others go before.
    static let pauseFactor: UInt64 = 4

    private struct Lane {
        var heldUntil: UInt64 = 0
        var tokens: [UInt64] = []
        /// Those before it have been served.
        var first = 0

        var isEmpty: Bool { first == tokens.count }

        mutating func takeFirst() -> UInt64 {
            let token = tokens[first]
            first += 1
            if isEmpty {
                tokens.removeAll(keepingCapacity: true)
                first = 0
            } else if first >= 64, first * 2 >= tokens.count {
                tokens.removeFirst(first)
                first = 0
            }
            return token
        }
    }

    private var lanes = [Lane](repeating: Lane(), count: CostlyLanes.count)
    private var waiting = 0
    /// The lane that was served last.
    private var served = 0
    private var pausedUntil: UInt64 = 0

    var isEmpty: Bool { waiting == 0 }

    /// Whether a request need not wait.
    /// - Parameter time: nanoseconds that such requests have taken in the present round.
    func isFree(_ namespace: UInt64, after time: UInt64 = 0, now: UInt64) -> Bool {
        let lane = CostlyLanes.lane(namespace)
        return time < CostlyLanes.atOnceTime && lanes[lane].isEmpty && now >= lanes[lane].heldUntil
    }

    /// Takes note of how long it took to find a request's rule.
    mutating func took(_ time: UInt64, _ namespace: UInt64, now: UInt64) {
        guard time >= CostlyLanes.threshold else { return }
        let lane = CostlyLanes.lane(namespace)
        lanes[lane].heldUntil = max(lanes[lane].heldUntil, now &+ time &* CostlyLanes.holdFactor)
    }

    /// - Parameter token: whose request waits.
    mutating func append(_ token: UInt64, _ namespace: UInt64) {
        lanes[CostlyLanes.lane(namespace)].tokens.append(token)
        waiting += 1
    }

    /// Takes out the first of the next lane.
    mutating func next() -> UInt64? {
        guard waiting > 0 else { return nil }
        for step in 1...CostlyLanes.count {
            let lane = (served + step) % CostlyLanes.count
            guard !lanes[lane].isEmpty else { continue }
            served = lane
            waiting -= 1
            return lanes[lane].takeFirst()
        }
        return nil
    }

    /// Whether those that wait have their turn. Where nobody else has anything to do they need not let others go
    /// before.
    func isDue(isIdle: Bool, now: UInt64) -> Bool { waiting > 0 && (isIdle || now >= pausedUntil) }

    /// Takes note of the end of a round in which some of those that wait were served.
    mutating func roundTook(_ time: UInt64, now: UInt64) {
        pausedUntil = now &+ time &* CostlyLanes.pauseFactor
    }

    private static func lane(_ namespace: UInt64) -> Int { Int(truncatingIfNeeded: namespace % UInt64(count)) }
}
