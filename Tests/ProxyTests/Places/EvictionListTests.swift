import Testing

@testable import Proxy

@Suite struct EvictionListTests {
    private typealias List = EvictionList<Expendable>

    private func entry(
        _ reason: Expendable, since: UInt64, token: UInt64 = 0, isOverShare: Bool = false, weight: Int = 1
    ) -> List.Entry {
        List.Entry(isOverShare: isOverShare, reason: reason, since: since, token: token, weight: weight)
    }

    private func list(_ entries: some Sequence<List.Entry>, wanted: Int = 100) -> List {
        var list = List()
        list.begin(wanted: wanted)
        for entry in entries { list.consider(entry) }
        list.finish()
        return list
    }

    /// The tokens in the order in which they go.
    private func order(_ list: List) -> [UInt64] {
        var list = list
        var tokens: [UInt64] = []
        while let entry = list.take() { tokens.append(entry.token) }
        return tokens
    }

    @Test func idleClientsGoFirstThenSilentOnesThenUnfinishedHeadsAndTheLongestIdleOfEach() {
        let list = list([
            entry(.silentClient, since: 1, token: 3), entry(.idleClient, since: 9, token: 2),
            entry(.unfinishedHead, since: 0, token: 4), entry(.idleClient, since: 2, token: 1),
        ])
        #expect(order(list) == [1, 2, 3, 4])
    }

    @Test func whatPeersWithMoreThanTheirShareLeaveIdleGoesBeforeWhatOthersDo() {
        let list = list([
            entry(.idleClient, since: 1, token: 3), entry(.silentClient, since: 50, token: 2, isOverShare: true),
            entry(.idleClient, since: 60, token: 1, isOverShare: true),
        ])
        #expect(order(list) == [1, 2, 3])
    }

    /// Numbers in an order that is neither theirs nor its reverse.
    private static let shuffled = (0..<UInt64(1000)).map { $0 * 387 % 1000 }

    @Test(arguments: [shuffled, shuffled.sorted(), shuffled.sorted(by: >)])
    func ofMoreThanAreWantedTheOnesThatGoFirstAreKept(_ numbers: [UInt64]) {
        let list = list(numbers.map { entry(.idleClient, since: $0, token: $0) }, wanted: 64)
        #expect(order(list) == Array(0..<64))
    }

    @Test func asManyAreKeptAsTogetherHaveTheWeightThatIsWanted() {
        let heavy = list(Self.shuffled.map { entry(.idleClient, since: $0, token: $0, weight: 30) }, wanted: 100)
        #expect(order(heavy) == [0, 1, 2, 3])
        let mixed = list(
            Self.shuffled.map { entry(.idleClient, since: $0, token: $0, weight: $0 == 2 ? 1000 : 1) }, wanted: 100)
        #expect(order(mixed) == [0, 1, 2])
    }

    @Test func aLookForgetsTheOneBefore() {
        var list = list([entry(.idleClient, since: 1, token: 1)])
        list.begin(wanted: 1)
        list.finish()
        #expect(list.isEmpty)
    }

    @Test func oneThatIsNotAllowedStaysInTheList() {
        var list = list([entry(.idleClient, since: 1, token: 1), entry(.idleClient, since: 2, token: 2)])
        let taken = list.take { $0.token == 2 }
        #expect(taken?.token == 2 && list.entries.map(\.token) == [1])
        let none = list.take { $0.token == 2 }
        #expect(none == nil)
    }
}
