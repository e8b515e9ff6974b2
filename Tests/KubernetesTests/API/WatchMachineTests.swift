import GatewayAPI
import Testing

@testable import Kubernetes

/// What a watch does about whatever happens, without sockets or clocks.
@Suite struct WatchMachineTests {
    private static let kind = APIKind(group: "g.io", versions: ["v1", "v1beta1"], plural: "things", kind: "Thing")
    private static let firstList = WatchMachine.Action.list(version: "v1", limit: 500, continuation: nil)

    private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "ana", name: name) }

    private func changed(_ name: String, _ version: String) -> WatchLine {
        .changed(.mapping(["name": .string(name)]), key(name), version: version)
    }

    private func refusal(_ status: Int, retryAfter: UInt64? = nil) -> Refusal {
        Refusal(status: status, message: "words", retryAfter: retryAfter)
    }

    /// A machine that has listed these at version 10 and watches.
    private func watching(_ names: [String] = ["a", "b"]) -> WatchMachine {
        var machine = WatchMachine(kind: Self.kind, seed: 1)
        _ = machine.start()
        for name in names { #expect(machine.item(key(name), version: 5) == true) }
        _ = machine.page(resourceVersion: "10", continuation: nil)
        _ = machine.opened()
        return machine
    }

    /// The single pause among the actions.
    private func pause(_ actions: [WatchMachine.Action]) -> UInt64? {
        let pauses = actions.compactMap { if case .pause(let time) = $0 { time } else { nil } }
        return pauses.count == 1 ? pauses.first : nil
    }

    private func watched(_ actions: [WatchMachine.Action]) -> String? {
        guard case .watch(_, let version, _)? = actions.last else { return nil }
        return version
    }

    private func told(_ actions: [WatchMachine.Action]) -> [WatchEvent] {
        actions.compactMap { if case .tell(let event) = $0 { event } else { nil } }
    }

    @Test func aListInPagesIsToldAndThenWatched() {
        var machine = WatchMachine(kind: Self.kind, seed: 1)
        #expect(machine.start() == [Self.firstList])
        #expect(machine.item(key("a"), version: 1) == true)
        #expect(
            machine.page(resourceVersion: "10", continuation: "next")
                == [.list(version: "v1", limit: 500, continuation: "next")])
        #expect(!machine.isSynced)
        #expect(machine.item(key("b"), version: 2) == true)
        let actions = machine.page(resourceVersion: "10", continuation: "")
        #expect(told(actions) == [.synced])
        #expect(watched(actions) == "10")
        #expect(machine.isSynced)
        guard case .watch(_, _, let seconds)? = actions.last else { return }
        #expect((300...600).contains(seconds))
    }

    @Test func aWatchResumesFromItsLastEventOrBookmark() {
        var machine = watching()
        #expect(told(machine.event(changed("c", "11"))).count == 1)
        #expect(watched(machine.ended(age: WatchLimits.settled)) == "11")
        _ = machine.opened()
        #expect(machine.event(.bookmark(version: "20", endsList: false)) == [])
        #expect(watched(machine.ended(age: WatchLimits.settled)) == "20")
    }

    @Test func aWatchThatEndsAtOnceIsNotBegunAgainAtOnce() {
        var machine = watching()
        #expect(pause(machine.ended(age: 0)) != nil)
        #expect(watched(machine.pauseEnded()) == "10")
    }

    @Test func theNextServedVersionIsTried() {
        var machine = WatchMachine(kind: Self.kind, seed: 1)
        _ = machine.start()
        #expect(machine.refused(refusal(404)) == [.list(version: "v1beta1", limit: 500, continuation: nil)])
        let actions = machine.page(resourceVersion: "1", continuation: nil)
        guard case .watch("v1beta1", "1", _)? = actions.last else {
            Issue.record("\(actions)")
            return
        }
    }

    @Test func aKindThatIsNotServedIsAbsentOnceAndLookedForAgain() {
        var machine = WatchMachine(kind: Self.kind, seed: 1)
        _ = machine.start()
        _ = machine.refused(refusal(404))
        let actions = machine.refused(refusal(404))
        #expect(told(actions) == [.absent])
        #expect((pause(actions) ?? 0) >= WatchLimits.reprobePause)
        #expect(machine.isAbsent && !machine.isSynced)
        #expect(machine.pauseEnded() == [Self.firstList])
        _ = machine.refused(refusal(404))
        #expect(told(machine.refused(refusal(404))) == [])
        _ = machine.pauseEnded()
        _ = machine.item(key("a"), version: 1)
        #expect(told(machine.page(resourceVersion: "9", continuation: nil)) == [.synced])
        #expect(!machine.isAbsent)
    }

    @Test func aKindThatGoesAwayIsAbsentAndItsObjectsForgotten() {
        var machine = watching()
        _ = machine.ended(age: WatchLimits.settled)
        #expect(told(machine.refused(refusal(404))) == [])
        #expect(machine.pauseEnded() == [Self.firstList])
        _ = machine.refused(refusal(404))
        #expect(told(machine.refused(refusal(404))) == [.absent])
        #expect(machine.known.count == 0)
    }

    @Test func aTroubleInLookingForAnAbsentKindEndsWithItsAbsence() {
        var machine = WatchMachine(kind: Self.kind, seed: 1)
        _ = machine.start()
        var events: [WatchEvent] = []
        for status in [404, 404, 503, 404, 404, 404, 404] {
            events += told(machine.refused(refusal(status)))
            _ = machine.pauseEnded()
        }
        guard events.count == 3, events.first == .absent, events.last == .absent, case .interrupted = events[1] else {
            Issue.record("told: \(events)")
            return
        }
        #expect(machine.trouble == nil && machine.isAbsent)
    }

    @Test func versionGoneMeansANewListOfWhichDifferencesAreTold() {
        for event in [true, false] {
            var machine = watching(["a", "b", "c"])
            let actions: [WatchMachine.Action]
            if event {
                actions = machine.event(.error(refusal(410)))
            } else {
                _ = machine.ended(age: WatchLimits.settled)
                actions = machine.refused(refusal(410))
            }
            #expect(told(actions) == [] && pause(actions) != nil)
            #expect(machine.pauseEnded() == [Self.firstList])
            #expect(machine.item(key("a"), version: 5) == false)
            #expect(machine.item(key("b"), version: 12) == true)
            #expect(machine.item(key("d"), version: 13) == true)
            let end = machine.page(resourceVersion: "20", continuation: nil)
            #expect(told(end) == [.removed(key("c")), .synced])
            #expect(watched(end) == "20")
        }
    }

    @Test func aListWhosePagesExpireBeginsAnewAndForgetsNothing() {
        var machine = watching(["a", "b"])
        _ = machine.event(.error(refusal(410)))
        _ = machine.pauseEnded()
        _ = machine.item(key("a"), version: 5)
        _ = machine.page(resourceVersion: "20", continuation: "next")
        #expect(pause(machine.refused(refusal(410))) != nil)
        #expect(machine.pauseEnded() == [Self.firstList])
        // `a` was in the page of the list that expired, and is gone now.
        #expect(machine.item(key("b"), version: 5) == false)
        #expect(told(machine.page(resourceVersion: "30", continuation: nil)) == [.removed(key("a")), .synced])
    }

    @Test func troubleIsToldOnceAndItsEndToo() {
        var machine = watching()
        _ = machine.ended(age: WatchLimits.settled)
        let first = machine.failed(.unreachable("10.0.0.1:443: refused"))
        #expect(
            told(first) == [
                .interrupted(
                    reason: "things.g.io: the API server cannot be reached: 10.0.0.1:443: refused",
                    outage: "the API server cannot be reached: 10.0.0.1:443: refused")
            ])
        #expect(machine.trouble != nil)
        _ = machine.pauseEnded()
        #expect(told(machine.failed(.unreachable("again"))) == [])
        _ = machine.pauseEnded()
        #expect(told(machine.failed(.timedOut)).count == 1)
        #expect(watched(machine.pauseEnded()) == "10")
        #expect(machine.opened() == [.answered, .tell(.synced)])
        #expect(machine.trouble == nil)
    }

    @Test func aConnectionThatBreaksIsBegunAgainBeforeAnythingIsSaid() {
        var machine = watching()
        let actions = machine.failed(.unreachable("reset"), age: WatchLimits.settled)
        #expect(actions == [.wait])
        #expect(watched(machine.pauseEnded()) == "10")
    }

    @Test func whatIsForbiddenNamesVerbResourceAndGroup() {
        var machine = WatchMachine(kind: Self.kind, seed: 1)
        _ = machine.start()
        let actions = machine.refused(refusal(403))
        #expect(
            told(actions) == [
                .interrupted(
                    reason:
                        "things.g.io: list of things in API group g.io is forbidden: words; a Role or ClusterRole must allow get, list and watch"
                )
            ])
        #expect(machine.pauseEnded() == [Self.firstList])
    }

    @Test func pausesGrowToTheirBoundAndEndWithSuccess() {
        var machine = watching()
        _ = machine.ended(age: WatchLimits.settled)
        var longest: UInt64 = 0
        for round in 0..<200 {
            let time = pause(machine.refused(refusal(503))) ?? .max
            #expect(time <= WatchLimits.longestPause)
            if round == 0 { #expect(time <= WatchLimits.firstPause) }
            longest = max(longest, time)
            _ = machine.pauseEnded()
        }
        #expect(longest > WatchLimits.longestPause / 2)
        _ = machine.page(resourceVersion: "10", continuation: nil)
        _ = machine.opened()
        _ = machine.event(.bookmark(version: "11", endsList: false))
        _ = machine.ended(age: WatchLimits.settled)
        #expect((pause(machine.refused(refusal(503))) ?? .max) <= WatchLimits.firstPause)
    }

    @Test func theServersRetryAfterIsHeeded() {
        var machine = WatchMachine(kind: Self.kind, seed: 1)
        _ = machine.start()
        let wanted = 45 * WatchLimits.second
        #expect((pause(machine.refused(refusal(429, retryAfter: wanted))) ?? 0) == wanted)
        _ = machine.pauseEnded()
        #expect((pause(machine.refused(refusal(503, retryAfter: .max))) ?? 0) == WatchLimits.longestRetryAfter)
    }

    @Test func aWatchThatEndsAtOnceAgainAndAgainBecomesAList() {
        var machine = watching()
        for _ in 1..<WatchLimits.refusalsBeforeRelist {
            _ = machine.ended(age: 0)
            #expect(watched(machine.pauseEnded()) == "10")
            _ = machine.opened()
        }
        _ = machine.ended(age: 0)
        #expect(machine.pauseEnded() == [Self.firstList])
    }

    @Test func aWatchThatIsRefusedAgainAndAgainBecomesAList() {
        var machine = watching()
        _ = machine.ended(age: WatchLimits.settled)
        for _ in 1..<WatchLimits.refusalsBeforeRelist {
            _ = machine.refused(refusal(504))
            #expect(watched(machine.pauseEnded()) == "10")
        }
        _ = machine.refused(refusal(504))
        #expect(machine.pauseEnded() == [Self.firstList])
    }

    @Test func aPageThatIsTooLargeIsReportedAndAskedForAgain() {
        var machine = WatchMachine(kind: Self.kind, seed: 1)
        _ = machine.start()
        let actions = machine.failed(.tooLarge(1000))
        #expect(told(actions).count == 1 && pause(actions) != nil)
        #expect(machine.pauseEnded() == [Self.firstList])
    }

    @Test func anEventThatCannotBeReadIsReportedAndMeansANewList() {
        var machine = watching()
        let actions = machine.event(.unreadable("an event of 9 bytes ends inside a string"))
        #expect(told(actions).count == 1 && pause(actions) != nil)
        #expect(machine.pauseEnded() == [Self.firstList])
    }

    @Test func repeatedAndReorderedEventsAreNoNews() {
        var machine = watching(["a", "b"])
        #expect(told(machine.event(changed("a", "11"))).count == 1)
        #expect(machine.event(changed("a", "11")) == [])
        #expect(machine.event(changed("a", "7")) == [])
        #expect(told(machine.event(.removed(key("a"), version: "12"))) == [.removed(key("a"))])
        #expect(machine.event(.removed(key("a"), version: "12")) == [])
        // Late news of what is gone.
        #expect(machine.event(changed("a", "11")) == [])
        #expect(told(machine.event(changed("a", "13"))).count == 1)
        // Late news that a former object of the name is gone.
        #expect(machine.event(.removed(key("a"), version: "12")) == [])
        #expect(machine.known.count == 2)
    }

    @Test func versionsThatAreNoNumbersCompareWithNothing() {
        var machine = watching(["a"])
        #expect(told(machine.event(changed("a", "x1"))).count == 1)
        #expect(told(machine.event(changed("a", "x1"))).count == 1)
        #expect(told(machine.event(.removed(key("a"), version: "x0"))).count == 1)
    }

    @Test func answersThatComeTooLateChangeNothing() {
        var machine = watching()
        #expect(machine.page(resourceVersion: "99", continuation: nil) == [])
        #expect(machine.pauseEnded() == [])
        _ = machine.event(.error(refusal(500)))
        #expect(machine.ended(age: 0) == [] && machine.event(changed("z", "50")) == [])
        #expect(machine.start() == [])
    }
}
