import GatewayAPI
import Testing

@testable import Kubernetes

/// What is said of a server whose watches get nothing.
@Suite struct WatchTroublesTests {
    private func away(_ kind: String, _ reason: String = "away") -> WatchEvent {
        .interrupted(reason: "\(kind): \(reason)", outage: reason)
    }

    private func told(_ troubles: WatchTroubles) -> [String] { troubles.problems(of: "s").map(\.message) }

    @Test func anOutageIsOneTroubleHoweverManyWatchesTellOfIt() {
        var troubles = WatchTroubles()
        var isChanged = troubles.note("Service", away("services", "refused"))
        #expect(isChanged)
        isChanged = troubles.note("Gateway", away("gateways", "timed out"))
        #expect(!isChanged && told(troubles) == ["refused"])
        isChanged = troubles.note("Service", .synced)
        #expect(!isChanged && told(troubles) == ["refused"], "one of two")
        isChanged = troubles.note("Gateway", .synced)
        #expect(isChanged && told(troubles) == [])
    }

    @Test func refusalsAreEachWatchsOwn() {
        var troubles = WatchTroubles()
        _ = troubles.note("Service", away("services"))
        var changes: [Bool] = []
        changes.append(troubles.note("Service", .interrupted(reason: "services: 503")))
        changes.append(troubles.note("Gateway", .interrupted(reason: "gateways: 403")))
        changes.append(troubles.note("Gateway", .interrupted(reason: "gateways: 403")))
        #expect(changes == [true, true, false])
        #expect(told(troubles) == ["gateways: 403", "services: 503"])
        changes = [troubles.note("Gateway", away("gateways"))]
        #expect(changes == [true] && told(troubles) == ["away", "services: 503"])
        #expect(troubles.problems(of: "s", leavingOut: ["Service"]).count == 1)
        changes = [troubles.forget("Gateway"), troubles.forget("Service"), troubles.forget("Service")]
        #expect(changes == [true, true, false] && told(troubles) == [])
    }
}
