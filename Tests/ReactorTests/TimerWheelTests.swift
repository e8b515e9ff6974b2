import Testing

@testable import Reactor

/// The wheel against a clock of the test's own.
@Suite struct TimerWheelTests {
    /// Timers of one wheel; their links live where the owner's values would.
    private final class Timers {
        static let tick: UInt64 = 1 << TimerWheel.tickBits
        let wheel: TimerWheel
        private let links: UnsafeMutableBufferPointer<TimerLink>

        init(_ count: Int, now: UInt64 = 0) {
            wheel = TimerWheel(now: now)
            links = .allocate(capacity: count)
            links.initialize(repeating: TimerLink())
        }

        deinit { links.deallocate() }

        private func link(_ index: Int32) -> UnsafeMutablePointer<TimerLink> {
            guard let base = links.baseAddress else { preconditionFailure("no timers") }
            return base + Int(index)
        }

        func arm(_ index: Int32, _ deadline: UInt64) { wheel.arm(index, deadline: deadline, link: link) }
        func disarm(_ index: Int32) { wheel.disarm(index, link: link) }

        func due(_ now: UInt64) -> [Int32] {
            var all: [Int32] = []
            while let index = wheel.takeDue(now: now, link: link) { all.append(index) }
            return all
        }
    }

    private static let millisecond: UInt64 = 1_000_000

    @Test func aTimerIsDueAtItsDeadlineRoundedUpToATick() {
        let timers = Timers(1)
        timers.arm(0, 10 * Timers.tick + 1)
        #expect(timers.due(10 * Timers.tick + 1).isEmpty)
        #expect(timers.due(11 * Timers.tick) == [0])
        #expect(timers.due(100 * Timers.tick).isEmpty)
    }

    @Test func timersComeInTheOrderOfTheirTicks() {
        let timers = Timers(3)
        timers.arm(0, 30 * Timers.tick)
        timers.arm(1, 10 * Timers.tick)
        timers.arm(2, 20 * Timers.tick)
        #expect(timers.due(40 * Timers.tick) == [1, 2, 0])
    }

    @Test func aDeadlineThatMovesLaterLeavesTheTimerWhereItIs() {
        let timers = Timers(1)
        timers.arm(0, 10 * Timers.tick)
        timers.arm(0, 50 * Timers.tick)
        #expect(timers.due(11 * Timers.tick) == [0])
    }

    @Test func aDeadlineThatMovesEarlierMovesTheTimer() {
        let timers = Timers(1)
        timers.arm(0, 50 * Timers.tick)
        timers.arm(0, 10 * Timers.tick)
        #expect(timers.due(11 * Timers.tick) == [0])
        #expect(timers.due(60 * Timers.tick).isEmpty)
    }

    @Test func aDisarmedTimerNeverComesAndItsNeighboursDo() {
        let timers = Timers(3)
        for index in 0..<3 { timers.arm(Int32(index), 10 * Timers.tick) }
        timers.disarm(1)
        timers.disarm(1)
        #expect(timers.due(20 * Timers.tick).sorted() == [0, 2])
        #expect(timers.wheel.millisecondsToNext(now: 20 * Timers.tick) == -1)
    }

    @Test func aDeadlineBeyondTheHorizonIsLookedAtWithinOneTurn() {
        let timers = Timers(1)
        timers.arm(0, .max - Timers.tick)
        let turn = UInt64(TimerWheel.slots) * Timers.tick
        #expect(timers.due(turn - 2 * Timers.tick).isEmpty)
        #expect(timers.due(turn) == [0])
    }

    @Test func afterALongSleepEveryTimerIsDue() {
        let timers = Timers(64)
        for index in 0..<64 { timers.arm(Int32(index), UInt64(index) * 31 * Timers.tick) }
        #expect(Set(timers.due(1_000_000 * Timers.tick)).count == 64)
        // The wheel goes on from there.
        timers.arm(0, 1_000_005 * Timers.tick)
        #expect(timers.due(1_000_004 * Timers.tick).isEmpty)
        #expect(timers.due(1_000_006 * Timers.tick) == [0])
    }

    @Test func theWaitEndsWhenTheNextTimerIsDue() {
        let timers = Timers(2)
        #expect(timers.wheel.millisecondsToNext(now: 0) == -1)
        timers.arm(0, 100 * TimerWheelTests.millisecond)
        let wait = timers.wheel.millisecondsToNext(now: 0)
        #expect(wait >= 100 && wait <= 110)
        let woken = UInt64(wait) * TimerWheelTests.millisecond
        #expect(timers.wheel.millisecondsToNext(now: woken) == 0)
        #expect(timers.due(woken) == [0])
    }

    /// Random arming, disarming and passing of time: no timer early, none later than a tick, none lost or doubled.
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func anySequenceAgreesWithAListOfDeadlines(seed: UInt64) {
        var state = seed
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        let count: UInt64 = 50
        let start = seed * 123_456_789_123
        let timers = Timers(Int(count), now: start)
        let horizon = UInt64(TimerWheel.slots - 1) * Timers.tick
        var now = start
        var wanted: [Int32: UInt64] = [:]
        for _ in 0..<5000 {
            let index = Int32(random(count))
            switch random(4) {
            case 0, 1:
                let deadline = now + random(horizon - Timers.tick)
                timers.arm(index, deadline)
                // Arming later than before changes nothing.
                wanted[index] = min(wanted[index] ?? .max, deadline)
            case 2:
                timers.disarm(index)
                wanted[index] = nil
            default:
                now += random(20) == 0 ? random(3 * horizon) : random(20 * Timers.tick)
                for index in timers.due(now) {
                    let deadline = wanted.removeValue(forKey: index)
                    #expect(deadline != nil && (deadline ?? .max) <= now)
                }
                #expect(wanted.values.allSatisfy { $0 + Timers.tick >= now })
                #expect((timers.wheel.millisecondsToNext(now: now) == -1) == wanted.isEmpty)
            }
        }
    }
}
