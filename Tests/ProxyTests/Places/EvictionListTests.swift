import Testing

@testable import Proxy

@Suite struct EvictionListTests {
    private func entry(
        _ reason: Expendable, since: UInt64, token: UInt64 = 0, isOverShare: Bool = false
    ) -> EvictionList<Expendable>.Entry {
        EvictionList<Expendable>.Entry(isOverShare: isOverShare, reason: reason, since: since, token: token)
    }

    private func order(_ entries: [EvictionList<Expendable>.Entry]) -> [UInt64] {
        var list = EvictionList<Expendable>()
        for entry in entries { list.consider(entry) }
        return list.entries.map(\.token)
    }

    @Test func pooledConnectionsGoFirstThenIdleClientsThenSilentOnesAndTheLongestIdleOfEach() {
        let tokens = order([
            entry(.silentClient, since: 1, token: 5), entry(.idleClient, since: 9, token: 4),
            entry(.unfinishedHead, since: 0, token: 6), entry(.idleEndpoint, since: 8, token: 2, isOverShare: true),
            entry(.idleClient, since: 2, token: 3), entry(.idleEndpoint, since: 7, token: 1, isOverShare: true),
        ])
        #expect(tokens == [1, 2, 3, 4, 5, 6])
    }

    @Test func whatPeersWithMoreThanTheirShareLeaveIdleGoesBeforeWhatOthersDo() {
        let tokens = order([
            entry(.idleClient, since: 1, token: 3), entry(.silentClient, since: 50, token: 2, isOverShare: true),
            entry(.idleClient, since: 60, token: 1, isOverShare: true),
        ])
        #expect(tokens == [1, 2, 3])
    }

    @Test func ofMoreThanFitTheOnesThatGoFirstAreKept() {
        var list = EvictionList<Expendable>()
        for since in (0..<1000).reversed() { list.consider(entry(.idleClient, since: UInt64(since))) }
        #expect(list.entries.map(\.since) == (0..<UInt64(EvictionList<Expendable>.capacity)).map { $0 })
    }

    @Test func oneThatIsNotAllowedStaysInTheList() {
        var list = EvictionList<Expendable>()
        list.consider(entry(.idleClient, since: 1, token: 1))
        list.consider(entry(.idleClient, since: 2, token: 2))
        let taken = list.take { $0.token == 2 }
        #expect(taken?.token == 2 && list.entries.map(\.token) == [1])
        let none = list.take { $0.token == 2 }
        #expect(none == nil)
    }
}
