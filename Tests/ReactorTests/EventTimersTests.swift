import Testing

@testable import Reactor

@Suite struct EventTimersTests {
    @Test func timersComeInTheOrderOfTheirDeadlines() {
        var timers = EventTimers()
        var order: [Int] = []
        for delay in [50, 10, 40, 20, 30] { _ = timers.add(deadline: UInt64(delay)) { order.append(delay) } }
        while let action = timers.takeNext(now: 35) { action() }
        #expect(order == [10, 20, 30])
        while let action = timers.takeNext(now: 100) { action() }
        #expect(order == [10, 20, 30, 40, 50])
        #expect(timers.takeNext(now: 1000) == nil)
    }

    @Test func aCancelledTimerIsNotCalledAndDoesNotStay() {
        var timers = EventTimers()
        var called = 0
        let kept = timers.add(deadline: 5_000_000) { called += 1 }
        for _ in 0..<1000 { timers.cancel(timers.add(deadline: 1_000_000) { called += 100 }) }
        #expect(timers.wait(now: 0) == 6)
        while let action = timers.takeNext(now: 5_000_000) { action() }
        #expect(called == 1)
        timers.cancel(kept)
        #expect(timers.wait(now: 0) == -1)
    }

    @Test func aLoopCallsItsTimersAndStops() throws {
        let loop = try EventLoop()
        var calls = 0
        loop.after(0) {
            calls += 1
            loop.after(1_000_000) {
                calls += 1
                loop.stop()
            }
        }
        loop.after(60_000_000_000) { loop.stop() }
        loop.run()
        #expect(calls == 2)
    }
}
