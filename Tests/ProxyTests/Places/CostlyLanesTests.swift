import Testing

@testable import Proxy

@Suite struct CostlyLanesTests {
    private static let long = CostlyLanes.threshold

    private func order(_ lanes: inout CostlyLanes) -> [UInt64] {
        var order: [UInt64] = []
        while let token = lanes.next() { order.append(token) }
        return order
    }

    @Test func whoseRequestTookLongHasToWaitAMultipleOfIt() {
        var lanes = CostlyLanes()
        lanes.took(Self.long, 7, now: 1000)
        let end = 1000 + Self.long * CostlyLanes.holdFactor
        #expect(!lanes.isFree(7, now: 1000) && !lanes.isFree(7, now: end - 1))
        #expect(lanes.isFree(7, now: end))
        #expect(lanes.isFree(8, now: 1000), "others do not")
    }

    @Test func aShorterOneDoesNotShortenTheWait() {
        var lanes = CostlyLanes()
        lanes.took(10 * Self.long, 7, now: 1000)
        lanes.took(Self.long, 7, now: 1001)
        #expect(!lanes.isFree(7, now: 1000 + 10 * Self.long * CostlyLanes.holdFactor - 1))
    }

    @Test func manyStepsThatTakeLittleTimeHoldNobody() {
        var lanes = CostlyLanes()
        lanes.took(Self.long - 1, 7, now: 1000)
        #expect(lanes.isFree(7, now: 1000))
    }

    @Test func noneIsFreeAnyMoreWhenARoundHasTakenLong() {
        let lanes = CostlyLanes()
        #expect(lanes.isFree(7, after: CostlyLanes.atOnceTime - 1, now: 0))
        #expect(!lanes.isFree(7, after: CostlyLanes.atOnceTime, now: 0))
    }

    @Test func eachNamespaceHasItsTurnHoweverManyRequestsOfOneWait() {
        var lanes = CostlyLanes()
        for token in 1...4 { lanes.append(UInt64(token), 7) }
        lanes.append(10, 8)
        lanes.append(20, 9)
        #expect(order(&lanes) == [1, 10, 20, 2, 3, 4])
        #expect(lanes.isEmpty)
    }

    @Test func whoWaitsIsNotOvertakenByOneThatComesLater() {
        var lanes = CostlyLanes()
        lanes.append(1, 7)
        #expect(!lanes.isFree(7, now: .max) && lanes.isFree(8, now: 0))
        _ = lanes.next()
        #expect(lanes.isFree(7, now: .max))
    }

    @Test func aLaneThatIsNeverEmptyKeepsItsOrder() {
        var lanes = CostlyLanes()
        var (last, next) = (UInt64(0), UInt64(0))
        for round in 0..<1000 {
            for _ in 0..<(round < 100 ? 2 : 1) {
                last += 1
                lanes.append(last, 7)
            }
            next += 1
            #expect(lanes.next() == next)
        }
        #expect(order(&lanes) == Array(next + 1...last))
    }

    @Test func thoseThatWaitLetOthersGoBeforeAMultipleOfWhatTheyTookUnlessThereAreNone() {
        var lanes = CostlyLanes()
        #expect(!lanes.isDue(isIdle: true, now: 0), "nobody waits")
        lanes.append(1, 7)
        #expect(lanes.isDue(isIdle: false, now: 0))
        lanes.roundTook(100, now: 1000)
        let end = 1000 + 100 * CostlyLanes.pauseFactor
        #expect(!lanes.isDue(isIdle: false, now: end - 1) && lanes.isDue(isIdle: true, now: end - 1))
        #expect(lanes.isDue(isIdle: false, now: end))
    }
}
