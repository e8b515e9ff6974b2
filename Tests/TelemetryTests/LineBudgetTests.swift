import Telemetry
import Testing

@Suite struct LineBudgetTests {
    @Test func aBurstGoesThroughAndThenSoManyASecond() {
        var budget = LineBudget(burst: 3, perSecond: 2)
        let first = (0..<5).map { _ in budget.take(now: 1000) }
        #expect(first == [.write(omitted: 0), .write(omitted: 0), .write(omitted: 0), .omit, .omit])
        #expect(budget.take(now: 1499) == .omit)
        #expect(budget.take(now: 1500) == .write(omitted: 3))
        #expect(budget.take(now: 1500) == .omit)
        // Quiet time earns no more than a burst.
        let later = (0..<5).map { _ in budget.take(now: 1_000_000) }
        #expect(later == [.write(omitted: 1), .write(omitted: 0), .write(omitted: 0), .omit, .omit])
    }

    @Test func aClockThatGoesBackEarnsNothing() {
        var budget = LineBudget(burst: 1, perSecond: 1)
        #expect(budget.take(now: 5000) == .write(omitted: 0))
        #expect(budget.take(now: 0) == .omit)
        #expect(budget.take(now: 1000) == .write(omitted: 1))
    }
}
