import APIServer
import GatewayAPI
import Reactor
import Testing

@testable import Kubernetes

/// How the watches of one process find out that their server is back.
@Suite struct ReconnectionTests {
    private static let second = WatchLimits.second

    @Test func oneTriesAtATimeAndTheyTakeTurns() {
        var line = WaitingLine<Int>(seed: 1)
        #expect((line.wait(1, now: 0) ?? .max) <= WatchLimits.firstPause)
        #expect(line.wait(2, now: 0) == nil && line.wait(3, now: 0) == nil && line.wait(2, now: 0) == nil)
        for number in [1, 2, 3, 1, 2, 3, 1] {
            let turn = line.turn()
            #expect(turn?.watch == number && turn?.pause != nil, "the next one does not wait for this one's outcome")
            #expect(line.wait(number, now: 0) == nil, "there is a pause already")
        }
    }

    @Test func thereIsAPauseAsLongAsSomebodyWaits() {
        var line = WaitingLine<Int>(seed: 1)
        #expect(line.turn() == nil)
        _ = line.wait(1, now: 0)
        let turn = line.turn()
        #expect(turn?.watch == 1 && turn?.pause == nil)
        #expect(line.wait(1, now: 0) != nil)
        _ = line.wait(2, now: 0)
        #expect(!line.leave(1) && !line.leave(3) && line.leave(2) && !line.leave(2))
        #expect(line.wait(3, now: 0) != nil)
    }

    @Test func pausesGrowToTheirOwnBound() {
        var line = WaitingLine<Int>(seed: 1)
        var longest: UInt64 = 0
        for _ in 0..<200 {
            let pause = line.wait(1, now: 0) ?? .max
            #expect(pause <= WatchLimits.longestReconnectPause)
            longest = max(longest, pause)
            _ = line.turn()
        }
        #expect(longest > WatchLimits.longestReconnectPause / 2)
    }

    @Test func anAnswerToOneLetsAllGoOnButNotInOneMoment() {
        var line = WaitingLine<Int>(seed: 1)
        for number in 0..<20 { _ = line.wait(number, now: 0) }
        #expect(line.turn()?.watch == 0)
        _ = line.leave(7)
        let released = line.answered(now: 0)
        #expect(released.map(\.watch) == (1..<20).filter { $0 != 7 })
        #expect(released.allSatisfy { $0.pause <= WatchLimits.reconnectSpread })
        #expect(Set(released.map(\.pause)).count > 1)
        #expect(line.turn() == nil && line.answered(now: 0).isEmpty)
    }

    @Test func aServerThatFallsOverAgainKeepsItsPauses() {
        /// The longest first pause of a hundred outages, each after the server worked for so long.
        func longest(after working: UInt64) -> UInt64 {
            var line = WaitingLine<Int>(seed: 1)
            for _ in 0..<10 {
                _ = line.wait(1, now: 0)
                _ = line.turn()
            }
            var now: UInt64 = 0
            var longest: UInt64 = 0
            for _ in 0..<100 {
                _ = line.answered(now: now)
                now += working
                longest = max(longest, line.wait(1, now: now) ?? .max)
                _ = line.turn()
            }
            return longest
        }
        #expect(longest(after: WatchLimits.settled) <= WatchLimits.firstPause)
        #expect(longest(after: WatchLimits.settled - 1) > WatchLimits.firstPause)
    }

    @Test func theFirstWatchThatIsAnsweredTakesTheOthersAlong() throws {
        let server = try APIServer()
        defer { server.stop() }
        let test = try LoopTest()
        let client = try test.client(server)
        let kinds: [ResourceKind] = [.service, .httpRoute, .gateway, .namespace, .referenceGrant, .backend]
        var synced = 0
        var waitingAtFirstAnswer: Int?
        let watches = kinds.map { kind in
            ResourceWatch(transport: client, loop: test.loop, kind: kind.api) { event in
                guard case .synced = event else { return }
                synced += 1
                waitingAtFirstAnswer = waitingAtFirstAnswer ?? client.reconnection.count
            }
        }
        try server.goDown()
        for watch in watches { watch.start() }
        #expect(test.run { client.reconnection.count == kinds.count })
        #expect(!watches.contains { !$0.isInterrupted })
        try server.comeUp()
        #expect(test.run { synced == kinds.count })
        #expect(waitingAtFirstAnswer == 0, "they wait for their turns")
        #expect(client.reconnection.count == 0 && !watches.contains { $0.isInterrupted })
    }

    /// Watches that broke off have told of no trouble, and wait all the same.
    @Test func watchesThatBrokeOffAreTakenAlong() throws {
        let server = try APIServer()
        defer { server.stop() }
        let test = try LoopTest()
        let client = try test.client(server)
        let kinds: [ResourceKind] = [.service, .httpRoute, .gateway, .namespace, .referenceGrant, .backend]
        let watches = kinds.map { kind in
            ResourceWatch(transport: client, loop: test.loop, kind: kind.api) { _ in }
        }
        for watch in watches { watch.start() }
        #expect(test.run { server.watchCount() == kinds.count })
        try server.goDown()
        #expect(test.run { client.reconnection.count == kinds.count })
        try server.comeUp()
        #expect(test.run { server.watchCount() == kinds.count })
        #expect(test.run { client.reconnection.count == 0 && !watches.contains { $0.isInterrupted } })
    }

    @Test func aWatchThatIsStoppedOrRetriedWaitsNoMore() throws {
        let server = try APIServer()
        defer { server.stop() }
        let test = try LoopTest()
        let client = try test.client(server)
        try server.goDown()
        var watches = [ResourceKind.service, .httpRoute].map { kind in
            ResourceWatch(transport: client, loop: test.loop, kind: kind.api) { _ in }
        }
        for watch in watches { watch.start() }
        #expect(test.run { client.reconnection.count == 2 })
        watches[0].stop()
        #expect(client.reconnection.count == 1)
        watches[1].retry()
        #expect(client.reconnection.count == 0)
        #expect(test.run { client.reconnection.count == 1 })
        watches = []
        #expect(client.reconnection.count == 0)
    }
}
