import GatewayAPI
import Testing

@testable import Controller

/// Time is a number here: nothing waits.
@Suite struct StatusQueueTests {
    private static let second: UInt64 = 1_000_000_000
    private let id = ResourceID(kind: .httpRoute, key: ObjectKey(namespace: "ns", name: "r"))

    private var settings: StatusWriterSettings {
        var settings = StatusWriterSettings()
        settings.width = 2
        return settings
    }

    private func id(_ number: Int) -> ResourceID {
        ResourceID(kind: .httpRoute, key: ObjectKey(namespace: "ns", name: "r\(number)"))
    }

    @Test func aBurstOfChangesIsOneLook() {
        var queue = StatusQueue(settings: settings)
        for moment in stride(from: UInt64(0), to: 90_000_000, by: 10_000_000) {
            queue.mark(id, stamp: 1, isObjectNews: true, now: moment)
        }
        #expect(queue.take(now: 99_999_999) == nil)
        #expect(queue.take(now: 100_000_000) == id)
        #expect(queue.take(now: 200_000_000) == nil)
        queue.finishedClean(id, now: 200_000_000)
        #expect(queue.depth == 0 && queue.nextDue == nil)
    }

    @Test func onlySoManyAreUnderWayAndTheOldestComesFirst() {
        var queue = StatusQueue(settings: settings)
        for number in 0..<4 { queue.mark(id(number), stamp: 1, isObjectNews: true, now: UInt64(number)) }
        let now = Self.second
        #expect(queue.take(now: now) == id(0))
        #expect(queue.take(now: now) == id(1))
        #expect(queue.take(now: now) == nil && queue.nextDue == nil)
        queue.finishedWritten(id(0), stamp: 1, now: now)
        #expect(queue.take(now: now) == id(2))
    }

    @Test func aChangeDuringTheWriteIsLookedAtAfterIt() {
        var queue = StatusQueue(settings: settings)
        queue.mark(id, stamp: 1, isObjectNews: true, now: 0)
        #expect(queue.take(now: Self.second) == id)
        queue.mark(id, stamp: 2, isObjectNews: false, now: Self.second)
        queue.finishedWritten(id, stamp: 1, now: Self.second)
        queue.mark(id, stamp: 2, isObjectNews: false, now: Self.second)
        // Not before the interval between two writes is over.
        #expect(queue.nextDue == 2 * Self.second)
    }

    @Test func undoneWritesArePausedLongerEachTime() {
        var queue = StatusQueue(settings: settings)
        var now: UInt64 = 0
        var pauses: [UInt64] = []
        for _ in 0..<14 {
            queue.mark(id, stamp: 1, isObjectNews: true, now: now)
            let due = queue.nextDue ?? 0
            pauses.append((due - now) / Self.second)
            now = due
            #expect(queue.take(now: now) == id)
            queue.finishedWritten(id, stamp: 1, now: now)
        }
        #expect(pauses == [0, 1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
        // Another wish does not wait for that.
        queue.mark(id, stamp: 2, isObjectNews: false, now: now + Self.second)
        #expect(queue.nextDue == now + Self.second + 100_000_000)
    }

    @Test func undoneWritesAreForgottenAfterAWhile() {
        var queue = StatusQueue(settings: settings)
        var now: UInt64 = 0
        for _ in 0..<5 {
            queue.mark(id, stamp: 1, isObjectNews: true, now: now)
            now = max(queue.nextDue ?? 0, now)
            _ = queue.take(now: now)
            queue.finishedWritten(id, stamp: 1, now: now)
        }
        now += 700 * Self.second
        queue.mark(id, stamp: 1, isObjectNews: true, now: now)
        now += Self.second
        _ = queue.take(now: now)
        queue.finishedWritten(id, stamp: 1, now: now)
        queue.mark(id, stamp: 1, isObjectNews: true, now: now)
        #expect(queue.nextDue == now + Self.second)
    }

    @Test func aConflictWaitsForTheNewerObject() {
        var queue = StatusQueue(settings: settings)
        queue.mark(id, stamp: 1, isObjectNews: true, now: 0)
        _ = queue.take(now: Self.second)
        queue.finishedConflict(id, stamp: 1, isNewsHere: false, now: Self.second)
        #expect(queue.nextDue == 11 * Self.second)
        queue.mark(id, stamp: 1, isObjectNews: true, now: 2 * Self.second)
        #expect(queue.nextDue == 2 * Self.second + 100_000_000)
        // The newer object may have come while the write was under way.
        _ = queue.take(now: 3 * Self.second)
        queue.finishedConflict(id, stamp: 1, isNewsHere: true, now: 3 * Self.second)
        #expect(queue.nextDue == 3 * Self.second + 200_000_000)
    }

    @Test func aRefusedStatusIsTriedAgainAtLengthAndAnotherOneAtOnce() {
        var queue = StatusQueue(settings: settings)
        queue.mark(id, stamp: 1, isObjectNews: true, now: 0)
        var now: UInt64 = Self.second
        for pause in [1, 2, 4, 8] as [UInt64] {
            _ = queue.take(now: now)
            queue.finishedRefused(id, stamp: 1, now: now)
            #expect(queue.nextDue == now + pause * Self.second)
            now += pause * Self.second
        }
        _ = queue.take(now: now)
        queue.finishedRefused(id, stamp: 1, now: now)
        queue.mark(id, stamp: 2, isObjectNews: false, now: now)
        #expect(queue.nextDue == now + 100_000_000)
    }

    @Test func anOutageStopsEverythingAndNobodyIsForgotten() {
        var queue = StatusQueue(settings: settings)
        for number in 0..<3 { queue.mark(id(number), stamp: 1, isObjectNews: true, now: 0) }
        let now = Self.second
        _ = queue.take(now: now)
        queue.finishedOutage(id(0), retryAfter: nil, spread: 0, now: now)
        #expect(queue.take(now: now) == nil)
        #expect(queue.nextDue == now + Self.second / 2)
        #expect(queue.depth == 3)
        let then = now + Self.second
        let first = queue.take(now: then)
        if let first { queue.finishedOutage(first, retryAfter: 20 * Self.second, spread: 0, now: then) }
        #expect(queue.nextDue == then + 20 * Self.second)
        var taken: Set<ResourceID> = []
        while let next = queue.take(now: then + 30 * Self.second) {
            taken.insert(next)
            queue.finishedWritten(next, stamp: 1, now: then + 30 * Self.second)
        }
        #expect(taken.count == 3)
    }

    @Test func whatIsGoneIsForgotten() {
        var queue = StatusQueue(settings: settings)
        queue.mark(id, stamp: 1, isObjectNews: true, now: 0)
        queue.forget(id)
        #expect(queue.take(now: Self.second) == nil && queue.depth == 0)
    }
}
