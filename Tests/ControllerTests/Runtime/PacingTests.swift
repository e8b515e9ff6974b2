import Testing

@testable import Controller

@Suite struct PacingTests {
    private let millisecond: UInt64 = 1_000_000

    @Test func quietIsWaitedForWithinABound() {
        var pacing = Pacing()
        #expect(pacing.due == nil)
        pacing.ask(now: 0)
        #expect(pacing.due == 20 * millisecond)
        for time in stride(from: UInt64(10), through: 300, by: 10) { pacing.ask(now: time * millisecond) }
        #expect(pacing.due == 200 * millisecond)
    }

    @Test func workThatTakesLongIsDoneSeldom() {
        var pacing = Pacing()
        pacing.ask(now: 0)
        pacing.begin(now: 20 * millisecond)
        pacing.end(now: 120 * millisecond)
        #expect(pacing.due == nil)
        pacing.ask(now: 121 * millisecond)
        #expect(pacing.due == 520 * millisecond)
    }

    @Test func whatIsAskedForMeanwhileIsDoneOnceAfterwards() {
        var pacing = Pacing()
        pacing.ask(now: 0)
        pacing.begin(now: 20 * millisecond)
        pacing.ask(now: 30 * millisecond)
        pacing.ask(now: 40 * millisecond)
        #expect(pacing.due == nil)
        pacing.end(now: 120 * millisecond)
        #expect(pacing.due == 520 * millisecond)
        pacing.begin(now: 520 * millisecond)
        pacing.end(now: 521 * millisecond)
        #expect(pacing.due == nil)
    }

    @Test func theRestAfterLongWorkIsBounded() {
        var pacing = Pacing()
        pacing.ask(now: 0)
        pacing.begin(now: 0)
        pacing.ask(now: 1)
        pacing.end(now: 60_000 * millisecond)
        #expect(pacing.due == 62_000 * millisecond)
    }
}
