import Testing

@testable import Proxy

@Suite struct SharedRenderingTests {
    @Test func answersThatNobodyTakesAreMadeAFewTimes() {
        var rendering = SharedRendering()
        var made = 0
        var waiting = 0
        for _ in 0..<1000 {
            let bytes = rendering.bytes(waiting: waiting) {
                made += 1
                return [UInt8](repeating: 0, count: 1 << 20)
            }
            waiting += bytes.count
        }
        #expect(made == 5)
    }

    @Test func whoeverTakesItGetsItFresh() {
        var rendering = SharedRendering()
        for round in 0..<3 as Range<UInt8> {
            #expect(rendering.bytes(waiting: 0) { [round] } == [round])
            #expect(rendering.bytes(waiting: SharedRendering.mostWaiting + 1) { [round, round] } == [round, round])
        }
    }
}
