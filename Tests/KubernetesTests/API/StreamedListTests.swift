import GatewayAPI
import Testing

@testable import Kubernetes

/// Lists that come as the first events of a watch, and versions that mean nothing where they are asked for.
@Suite struct StreamedListTests {
    private static let kind = APIKind(group: "g.io", versions: ["v1"], plural: "things", kind: "Thing")

    private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "ana", name: name) }

    private func changed(_ name: String, _ version: String) -> WatchLine {
        .changed(.mapping(["name": .string(name)]), key(name), version: version)
    }

    private func refusal(_ status: Int) -> Refusal { Refusal(status: status, message: "words", retryAfter: nil) }

    private func told(_ actions: [WatchMachine.Action]) -> [WatchEvent] {
        actions.compactMap { if case .tell(let event) = $0 { event } else { nil } }
    }

    private func isStream(_ actions: [WatchMachine.Action]) -> Bool {
        guard case .stream("v1", let seconds)? = actions.last else { return false }
        return (300...600).contains(seconds)
    }

    /// A machine that has been told of these by a stream at version 10, and follows it.
    private func following(_ names: [String]) -> WatchMachine {
        var machine = WatchMachine(kind: Self.kind, seed: 1, streamsLists: true)
        #expect(isStream(machine.start()))
        #expect(machine.opened() == [])
        for name in names { #expect(told(machine.event(changed(name, "5"))).count == 1) }
        #expect(machine.event(.bookmark(version: "4", endsList: false)) == [] && !machine.isSynced)
        #expect(machine.event(.bookmark(version: "10", endsList: true)) == [.tell(.synced)] && machine.isSynced)
        return machine
    }

    @Test func theMarkEndsTheListAndTheWatchGoesOn() {
        var machine = following(["a", "b"])
        #expect(told(machine.event(changed("c", "11"))).count == 1)
        #expect(told(machine.event(.removed(key("a"), version: "12"))) == [.removed(key("a"))])
        guard case .watch("v1", "12", _)? = machine.ended(age: WatchLimits.settled).last else {
            Issue.record("the watch does not go on where it was")
            return
        }
    }

    @Test func anotherServersVersionsBeginAStreamThatTellsWhatIsGone() {
        var machine = following(["a", "b"])
        _ = machine.ended(age: WatchLimits.settled)
        #expect(told(machine.refused(refusal(410))) == [])
        #expect(isStream(machine.pauseEnded()))
        _ = machine.opened()
        // Its versions are lower: it began earlier.
        #expect(told(machine.event(changed("b", "3"))).count == 1)
        #expect(told(machine.event(.bookmark(version: "4", endsList: true))) == [.removed(key("a")), .synced])
        #expect(told(machine.event(changed("b", "5"))).count == 1)
    }

    /// Whoever has lost its server comes to the other one after a pause, and is let in without a second.
    @Test func anotherServerIsListedAtOnceByWhoHasWaited() {
        var machine = following(["a"])
        _ = machine.failed(.unreachable("reset"), age: WatchLimits.settled)
        _ = machine.pauseEnded()
        #expect(isStream(machine.refused(refusal(410))))
        // That one knows no versions either: no hurry.
        #expect(paused(machine.refused(refusal(410))))

        machine = following(["a"])
        _ = machine.ended(age: WatchLimits.settled)
        #expect(paused(machine.refused(refusal(410))), "all watches of a server may have ended at this moment")

        machine = following(["a"])
        _ = machine.failed(.unreachable("reset"), age: WatchLimits.settled)
        _ = machine.pauseEnded()
        _ = machine.opened()
        #expect(paused(machine.event(.error(refusal(410)))), "its turn to be let in was long ago")
    }

    @Test func messagesNameTheServerThatIsAsked() {
        var machine = WatchMachine(kind: Self.kind, seed: 1, streamsLists: true, server: "the controller")
        _ = machine.start()
        #expect(
            told(machine.failed(.timedOut)) == [
                .interrupted(
                    reason: "things.g.io: the controller did not answer in time",
                    outage: "the controller did not answer in time")
            ])
        _ = machine.pauseEnded()
        guard case .interrupted(let reason, _)? = told(machine.refused(refusal(503))).first else {
            Issue.record("another trouble is not told")
            return
        }
        #expect(reason.contains("the controller answers") && !reason.contains("API server"))
    }

    private func paused(_ actions: [WatchMachine.Action]) -> Bool {
        switch actions.last {
        case .pause, .wait: true
        default: false
        }
    }

    @Test func aStreamThatBreaksOffInItsListBeginsAnew() {
        var machine = WatchMachine(kind: Self.kind, seed: 1, streamsLists: true)
        for isBroken in [true, false] {
            _ = machine.start()
            _ = machine.opened()
            _ = machine.event(changed("a", "5"))
            let end = isBroken ? machine.failed(.timedOut, age: 1) : machine.ended(age: WatchLimits.settled)
            guard case .interrupted? = told(end).first else {
                Issue.record("a list that never comes to its end is not told")
                return
            }
            #expect(isStream(machine.pauseEnded()) && !machine.isSynced)
            _ = machine.opened()
        }
        #expect(told(machine.event(.bookmark(version: "10", endsList: true))) == [.removed(key("a")), .synced])
    }

    @Test(arguments: [400, 422])
    func aServerThatStreamsNoListsIsListed(_ status: Int) {
        var machine = WatchMachine(kind: Self.kind, seed: 1, streamsLists: true)
        _ = machine.start()
        #expect(machine.refused(refusal(status)) == [.list(version: "v1", limit: 500, continuation: nil)])
        #expect(told(machine.page(resourceVersion: "10", continuation: nil)) == [.synced])
    }

    @Test func versionsThatExpireAgainAndAgainAreToldOnceAndUntilTheyDoNot() {
        var machine = WatchMachine(kind: Self.kind, seed: 1)
        _ = machine.start()
        var events: [WatchEvent] = []
        for _ in 0..<(2 * WatchLimits.expirationsInOrder) {
            events += told(machine.page(resourceVersion: "10", continuation: nil))
            events += told(machine.refused(refusal(410)))
            _ = machine.pauseEnded()
        }
        guard case .interrupted(let reason, _)? = events.last, events.count == WatchLimits.expirationsInOrder + 1 else {
            Issue.record("told: \(events)")
            return
        }
        #expect(reason.contains("410 (Gone)"))
        _ = machine.page(resourceVersion: "10", continuation: nil)
        #expect(machine.opened() == [] && machine.trouble == .expiring)
        #expect(told(machine.event(.bookmark(version: "11", endsList: false))) == [.synced])
        #expect(machine.trouble == nil)
    }
}
