import Testing

@testable import Controller

@Suite struct RetryQueueTests {
    private let second: UInt64 = 1_000_000_000

    @Test func noMoreRunAtOnceThanAreAllowed() {
        var queue = RetryQueue<String>(width: 2)
        for key in ["a", "b", "c", "a"] { queue.add(key, isChanged: false) }
        #expect(queue.next(now: 0) == "a")
        #expect(queue.next(now: 0) == "b")
        #expect(queue.next(now: 0) == nil)
        queue.finished("a", succeeded: true, now: 0, spread: 0)
        #expect(queue.next(now: 0) == "c")
        #expect(queue.depth == 2)
    }

    @Test func whatIsAskedForWhileItRunsRunsAgain() {
        var queue = RetryQueue<String>(width: 2)
        queue.add("a", isChanged: false)
        #expect(queue.next(now: 0) == "a")
        queue.add("a", isChanged: false)
        #expect(queue.next(now: 0) == nil)
        queue.finished("a", succeeded: true, now: 0, spread: 0)
        #expect(queue.next(now: 0) == "a")
    }

    @Test func pausesGrowToABound() {
        var queue = RetryQueue<String>(width: 1)
        queue.add("a", isChanged: false)
        var now: UInt64 = 0
        var pauses: [UInt64] = []
        for _ in 0..<10 {
            #expect(queue.next(now: now) == "a")
            queue.finished("a", succeeded: false, now: now, spread: 0)
            #expect(queue.next(now: now) == nil)
            let due = queue.nextDue ?? 0
            pauses.append((due - now) / second)
            now = due
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
    }

    @Test func aPauseEndsWhenWhatFailedHasChangedOnly() {
        var queue = RetryQueue<String>(width: 1)
        queue.add("a", isChanged: false)
        _ = queue.next(now: 0)
        queue.finished("a", succeeded: false, now: 0, spread: 1)
        queue.add("a", isChanged: false)
        #expect(queue.next(now: 0) == nil)
        queue.add("a", isChanged: true)
        #expect(queue.next(now: 0) == "a")
    }
}
