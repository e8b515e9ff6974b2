internal import Reactor
internal import TLS

/// Tokens that wait to be looked at. Addresses take turns, so that one which shows many tokens keeps no other one
/// waiting; and those that have shown a good one take turns of their own, so that however many strangers there are,
/// every other turn is theirs.
struct ReviewQueue {
    struct Limits {
        /// Tokens looked at at the same time, of all and of one address.
        var atOnce: Int
        var atOncePerPeer: Int
        /// Tokens that wait, of all and of one address.
        var waiting: Int
        var waitingPerPeer: Int
    }

    struct Review {
        var token: String
        var digest: Digest256
        /// The end that the token says it has, in seconds since 1970.
        var expires: Int64
        /// Where it came from first.
        var peer: SocketAddress
    }

    enum Admission: Equatable {
        case waits
        /// There was no room, and this one had less right to it.
        case displaces(Digest256)
        case refused
    }

    private struct Line {
        var waiting: [Review] = []
        var underWay = 0
        var isTrusted: Bool
    }

    private let limits: Limits
    private var lines: [SocketAddress: Line] = [:]
    /// Addresses with waiting tokens in the order of their turns.
    private var trusted: [SocketAddress] = []
    private var strangers: [SocketAddress] = []
    private var underWay = 0
    private(set) var waiting = 0
    private var lastWasTrusted = false

    init(limits: Limits) {
        self.limits = limits
    }

    // MARK: Coming

    /// - Parameter isTrusted: the address has shown a good token.
    mutating func add(_ review: Review, isTrusted: Bool) -> Admission {
        let own = lines[review.peer]?.waiting.count ?? 0
        guard own < limits.waitingPerPeer else { return .refused }
        var displaced: Digest256?
        if waiting >= limits.waiting {
            displaced = displace(own, isTrusted)
            if displaced == nil { return .refused }
        }
        append(review, isTrusted)
        return displaced.map { .displaces($0) } ?? .waits
    }

    private mutating func append(_ review: Review, _ isTrusted: Bool) {
        let peer = review.peer
        var line = lines[peer] ?? Line(isTrusted: isTrusted)
        // An address whose first good token is seen while others of it wait keeps its place until these are done with.
        if line.waiting.isEmpty {
            line.isTrusted = isTrusted
            if isTrusted { trusted.append(peer) } else { strangers.append(peer) }
        }
        line.waiting.append(review)
        lines[peer] = line
        waiting += 1
    }

    /// Takes the newest from the longest line: one of strangers for a trusted address, else one of the same standing,
    /// and only if that is longer still than the newcomer's own line becomes.
    private mutating func displace(_ own: Int, _ isTrusted: Bool) -> Digest256? {
        func length(_ peer: SocketAddress) -> Int { lines[peer]?.waiting.count ?? 0 }
        func longest(_ peers: [SocketAddress]) -> SocketAddress? { peers.max { length($0) < length($1) } }
        var victim = longest(strangers)
        if !isTrusted || victim == nil {
            victim = longest(isTrusted ? trusted : strangers).flatMap { length($0) > own + 1 ? $0 : nil }
        }
        guard let victim, let dropped = lines[victim]?.waiting.popLast() else { return nil }
        waiting -= 1
        leaveIfEmpty(victim)
        return dropped.digest
    }

    // MARK: Going

    /// The next one to look at; nil when none waits or may be looked at now.
    mutating func next() -> Review? {
        guard underWay < limits.atOnce else { return nil }
        let review = take(fromTrusted: !lastWasTrusted) ?? take(fromTrusted: lastWasTrusted)
        if review != nil {
            underWay += 1
            waiting -= 1
        }
        return review
    }

    private mutating func take(fromTrusted: Bool) -> Review? {
        let turns = fromTrusted ? trusted : strangers
        let free = turns.firstIndex { (lines[$0]?.underWay ?? 0) < limits.atOncePerPeer }
        guard let free, var line = lines[turns[free]], !line.waiting.isEmpty else { return nil }
        let peer = turns[free]
        let review = line.waiting.removeFirst()
        line.underWay += 1
        lines[peer] = line
        if fromTrusted {
            trusted.append(trusted.remove(at: free))
        } else {
            strangers.append(strangers.remove(at: free))
        }
        leaveIfEmpty(peer)
        lastWasTrusted = fromTrusted
        return review
    }

    /// A token of this address has been looked at.
    mutating func finish(_ peer: SocketAddress) {
        guard let line = lines[peer], line.underWay > 0 else { return }
        underWay -= 1
        lines[peer]?.underWay -= 1
        leaveIfEmpty(peer)
    }

    private mutating func leaveIfEmpty(_ peer: SocketAddress) {
        guard let line = lines[peer], line.waiting.isEmpty else { return }
        if line.isTrusted { trusted.removeAll { $0 == peer } } else { strangers.removeAll { $0 == peer } }
        if line.underWay == 0 { lines[peer] = nil }
    }
}
