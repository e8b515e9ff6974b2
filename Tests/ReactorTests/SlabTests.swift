import Testing

@testable import Reactor

@Suite struct SlabTests {
    private struct Value: BitwiseCopyable {
        var number = 7
    }

    private func take(_ slab: borrowing Slab<Value>) throws -> Int32 {
        let index = slab.take()
        return try #require(index)
    }

    @Test func aFreshValueIsBlankAlsoWhenItsPlaceWasUsed() throws {
        let slab = Slab(limit: 4, blank: Value())
        let first = try take(slab)
        let seen1 = slab[first].pointee.number
        #expect(seen1 == 7)
        slab[first].pointee.number = 8
        slab.give(back: first)
        let again = try take(slab)
        #expect(again == first)
        let seen2 = slab[again].pointee.number
        #expect(seen2 == 7)
    }

    @Test func theLastPlaceGivenBackIsTheNextTaken() throws {
        let slab = Slab(limit: 4, blank: Value())
        let places = [try take(slab), try take(slab), try take(slab)]
        slab.give(back: places[0])
        slab.give(back: places[2])
        let seen3 = slab.take()
        #expect(seen3 == places[2])
        let seen4 = slab.take()
        #expect(seen4 == places[0])
        let seen5 = slab.highWater
        #expect(seen5 == 3)
    }

    @Test func theLimitHoldsAndPlacesComeBack() throws {
        let slab = Slab(limit: 2, blank: Value())
        let first = try take(slab)
        _ = try take(slab)
        let seen6 = slab.take()
        #expect(seen6 == nil)
        let seen7 = slab.count
        #expect(seen7 == 2)
        slab.give(back: first)
        let seen8 = slab.count
        #expect(seen8 == 1)
        let seen9 = slab.take()
        #expect(seen9 == first)
    }

    @Test func addressesStayWhereTheyAre() throws {
        let slab = Slab(limit: 100_000, blank: Value())
        let first = try take(slab)
        let address = slab[first]
        for _ in 0..<50_000 { _ = slab.take() }
        let seen10 = slab[first]
        #expect(seen10 == address)
    }
}
