import Testing

@testable import Reactor

@Suite struct DueHeapTests {
    @Test func theHeapGivesOutWhatIsDueInOrderHoweverItWasMoved() {
        var random = SplitMix64(seed: 1)
        var heap = DueHeap<Int>()
        var expected: [Int: UInt64] = [:]
        for _ in 0..<5_000 {
            let element = Int.random(in: 0..<300, using: &random)
            let due = UInt64.random(in: 0..<1_000, using: &random)
            if Int.random(in: 0..<10, using: &random) == 0 {
                heap.remove(element)
                expected[element] = nil
            } else {
                heap.set(element, due: due)
                expected[element] = due
            }
        }
        #expect(heap.count == expected.count && heap.next == expected.values.min())
        var last: UInt64 = 0
        while let due = heap.next, let element = heap.take(now: .max) {
            #expect(expected.removeValue(forKey: element) == due && due >= last)
            last = due
        }
        #expect(expected.isEmpty && heap.take(now: .max) == nil)
    }

    @Test func whatIsDueTogetherComesInTheOrderItWasSet() {
        var heap = DueHeap<Int>()
        for element in 0..<200 { heap.set(element, due: 7) }
        // Enough of them go that the rest is put in order anew.
        for element in 0..<200 where element % 3 != 0 { heap.remove(element) }
        var order: [Int] = []
        while let element = heap.take(now: 7) { order.append(element) }
        #expect(order == Array(stride(from: 0, to: 200, by: 3)))
    }
}
