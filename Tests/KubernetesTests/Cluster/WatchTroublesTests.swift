import GatewayAPI
import Reactor
import Testing

@testable import Kubernetes

/// What is said of a server whose watches get nothing.
@Suite struct WatchTroublesTests {
    private let loop: EventLoop
    private let troubles = WatchTroubles()

    init() throws { loop = try EventLoop() }

    private func away(_ kind: String, _ reason: String = "away") -> WatchEvent {
        .interrupted(reason: "\(kind): \(reason)", outage: reason)
    }

    private var told: [String] { troubles.problems(of: "s").map { "\($0.severity.rawValue): \($0.message)" } }

    @Test func anOutageIsOneTroubleHoweverManyWatchesTellOfIt() {
        #expect(troubles.note("Service", away("services", "refused"), on: loop))
        #expect(!troubles.note("Gateway", away("gateways", "timed out"), on: loop))
        #expect(told == ["warning: refused"])
        #expect(!troubles.note("Service", .synced, on: loop), "one of two")
        #expect(told == ["warning: refused"])
        #expect(troubles.note("Gateway", .synced, on: loop))
        #expect(told == [])
    }

    @Test func anOutageIsAnErrorOnceItHasLasted() {
        var changes = 0
        troubles.onChange = { changes += 1 }
        _ = troubles.note("Service", away("services"), on: loop)
        troubles.lasts()
        #expect(changes == 1 && told == ["error: away"])
        _ = troubles.note("Service", .synced, on: loop)
        troubles.lasts()
        #expect(changes == 1 && told == [])
        _ = troubles.note("Service", away("services"), on: loop)
        #expect(told == ["warning: away"], "the next one is another")
    }

    @Test func anOutageLastsByItself() {
        troubles.onChange = { [loop] in loop.stop() }
        _ = troubles.note("Service", away("services"), on: loop)
        loop.after(60_000_000_000) { [loop] in loop.stop() }
        loop.run()
        #expect(told == ["error: away"])
    }

    @Test func refusalsAreEachWatchsOwnAndErrorsAtOnce() {
        _ = troubles.note("Service", away("services"), on: loop)
        #expect(troubles.note("Service", .interrupted(reason: "services: 503"), on: loop))
        #expect(troubles.note("Gateway", .interrupted(reason: "gateways: 403"), on: loop))
        #expect(!troubles.note("Gateway", .interrupted(reason: "gateways: 403"), on: loop))
        #expect(told == ["error: gateways: 403", "error: services: 503"])
        #expect(troubles.note("Gateway", away("gateways"), on: loop))
        #expect(told == ["warning: away", "error: services: 503"])
        #expect(troubles.problems(of: "s", leavingOut: ["Service"]).count == 1)
        #expect(troubles.forget("Gateway") && troubles.forget("Service") && !troubles.forget("Service"))
        #expect(told == [])
    }
}
