internal import GatewayAPI
internal import Reactor

/// Which object's status is to be looked at when: batching, pauses, and who is under way. No clock of its own; times
/// are nanoseconds of a monotonic one.
///
/// An object is looked at `window` after the first sign of a change, and not before its pause is over. Pauses follow a
/// write (`interval`, longer the more often somebody undid what was written), a failure, and a conflict, which the
/// object's next state ends.
struct StatusQueue {
    private struct History {
        /// Not before this.
        var notBefore: UInt64 = 0
        var lastWrite: UInt64?
        /// What was wanted when it was last written: a stamp of the writer's.
        var writtenStamp: UInt64?
        /// Writes of the same wanted status one after the other.
        var rewrites = 0
        var failures = 0
        /// What was wanted when it last failed.
        var failedStamp: UInt64?
        var awaitsObject = false
    }

    let settings: StatusWriterSettings
    private var due = DueHeap<ResourceID>()
    private var history: [ResourceID: History] = [:]
    private var underWay: Set<ResourceID> = []
    /// Changed while they were under way.
    private var again: Set<ResourceID> = []
    private var outages = 0
    private var resumesAt: UInt64 = 0

    init(settings: StatusWriterSettings) {
        self.settings = settings
    }

    /// What waits or is under way.
    var depth: Int { due.count + underWay.count }
    /// Objects of which something was learnt.
    var rememberedCount: Int { history.count }

    /// Asks for an object to be looked at.
    /// - Parameters:
    ///   - stamp: what is wanted for it now.
    ///   - isObjectNews: the object itself has changed at the server.
    mutating func mark(_ id: ResourceID, stamp: UInt64, isObjectNews: Bool, now: UInt64) {
        endPause(of: id, stamp: stamp, isObjectNews: isObjectNews, now: now)
        guard !underWay.contains(id) else {
            again.insert(id)
            return
        }
        let moment = max(now &+ settings.window, history[id]?.notBefore ?? 0)
        if let known = due[id], known <= moment { return }
        due.set(id, due: moment)
    }

    /// A pause is for the status that was undone or refused: another one does not have to wait so long.
    private mutating func endPause(of id: ResourceID, stamp: UInt64, isObjectNews: Bool, now: UInt64) {
        guard var past = history[id] else { return }
        let hasNewWish = stamp != (past.failures > 0 ? past.failedStamp : past.writtenStamp)
        if past.awaitsObject, isObjectNews {
            past.awaitsObject = false
            past.notBefore = now &+ conflictPause(past.failures)
        } else if hasNewWish {
            past.failures = 0
            past.notBefore = past.lastWrite.map { $0 &+ settings.interval } ?? 0
        }
        history[id] = past
    }

    /// The next object to look at: its status is compared, and written if it has to be. Every object taken has to be
    /// given back by one of the functions below.
    mutating func take(now: UInt64) -> ResourceID? {
        guard now >= resumesAt, underWay.count < settings.width, let id = due.take(now: now) else { return nil }
        underWay.insert(id)
        return id
    }

    /// When `take` may have something; nil when nothing waits, or enough is under way.
    var nextDue: UInt64? {
        mutating get {
            guard underWay.count < settings.width, let next = due.next else { return nil }
            return max(next, resumesAt)
        }
    }

    // MARK: How it ended

    /// Nothing had to be written, or the object is gone.
    mutating func finishedClean(_ id: ResourceID, now: UInt64) {
        finish(id, now: now)
    }

    mutating func finishedWritten(_ id: ResourceID, stamp: UInt64, now: UInt64) {
        var past = history[id] ?? History()
        let isForgotten = past.lastWrite.map { now &- $0 > settings.memory } ?? true
        past.rewrites = past.writtenStamp == stamp && !isForgotten ? past.rewrites + 1 : 0
        past.writtenStamp = stamp
        past.lastWrite = now
        past.failures = 0
        past.awaitsObject = false
        let pause = past.rewrites > 0 ? pause(past.rewrites, from: settings.firstPause) : settings.interval
        past.notBefore = now &+ max(settings.interval, pause)
        history[id] = past
        outages = 0
        finish(id, now: now)
    }

    /// Somebody changed the object in the meantime: wait for its newer state, though not for ever.
    /// - Parameter isNewsHere: that state has come while the write was under way.
    mutating func finishedConflict(_ id: ResourceID, stamp: UInt64, isNewsHere: Bool, now: UInt64) {
        var past = history[id] ?? History()
        past.failures += 1
        past.failedStamp = stamp
        past.awaitsObject = !isNewsHere
        past.notBefore = now &+ (isNewsHere ? conflictPause(past.failures) : settings.conflictWait)
        history[id] = past
        outages = 0
        requeue(id)
    }

    /// The server refused this object's status.
    mutating func finishedRefused(_ id: ResourceID, stamp: UInt64, now: UInt64) {
        var past = history[id] ?? History()
        past.failures += 1
        past.failedStamp = stamp
        past.notBefore = now &+ pause(past.failures, from: settings.firstPause)
        history[id] = past
        requeue(id)
    }

    /// The server did not get to it: everything waits, this object no longer than the others.
    /// - Parameters:
    ///   - retryAfter: what the server asks for.
    ///   - spread: 0...1, so that several controllers do not return together.
    mutating func finishedOutage(_ id: ResourceID, retryAfter: UInt64?, spread: Double, now: UInt64) {
        outages = min(outages + 1, 32)
        let least = retryAfter.map { min($0, settings.longestOutage) } ?? 0
        let pause = min(settings.firstOutage << UInt64(min(outages - 1, 16)), settings.longestOutage)
        let spreaded = max(least, pause) &+ UInt64(Double(pause / 4) * min(max(spread, 0), 1))
        resumesAt = max(resumesAt, now &+ spreaded)
        again.remove(id)
        underWay.remove(id)
        due.set(id, due: now)
    }

    /// The object is gone, and its history with it.
    mutating func forget(_ id: ResourceID) {
        due.remove(id)
        again.remove(id)
        history[id] = nil
    }

    /// Nothing is wanted any more; what is under way has been cancelled. What was learnt of each object stays.
    mutating func clear() {
        due = DueHeap()
        underWay = []
        again = []
        outages = 0
        resumesAt = 0
    }

    private mutating func finish(_ id: ResourceID, now: UInt64) {
        underWay.remove(id)
        guard again.remove(id) != nil else { return }
        due.set(id, due: max(now &+ settings.window, history[id]?.notBefore ?? 0))
    }

    private mutating func requeue(_ id: ResourceID) {
        underWay.remove(id)
        again.remove(id)
        due.set(id, due: history[id]?.notBefore ?? 0)
    }

    /// Somebody who changes the object all the time is given way to, for as long as its next state may take to arrive.
    private func conflictPause(_ count: Int) -> UInt64 {
        min(pause(count, from: settings.window), settings.conflictWait)
    }

    private func pause(_ count: Int, from first: UInt64) -> UInt64 {
        let shift = UInt64(min(max(count - 1, 0), 20))
        guard first <= settings.longestPause >> shift else { return settings.longestPause }
        return first << shift
    }
}
