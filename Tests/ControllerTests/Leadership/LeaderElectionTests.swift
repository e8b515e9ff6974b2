import GatewayAPI
import Kubernetes
import Reactor
import Testing

@testable import Controller

@Suite struct LeaderElectionTests {
    private static let key = ObjectKey(namespace: "weir-system", name: "weir-controller")
    private static let path = "/apis/coordination.k8s.io/v1/namespaces/weir-system/leases/weir-controller"
    private static let second: UInt64 = 1_000_000_000

    /// Who began and stopped leading, in order.
    private final class Terms {
        var all: [String] = []
    }

    private let loop: EventLoop
    private let terms = Terms()

    init() throws { loop = try EventLoop() }

    /// - Parameters:
    ///   - duration: seconds until others may take the lease.
    ///   - deadline: nanoseconds that a leader leads without renewing it.
    private func candidate(_ identity: String, _ api: FakeAPI, duration: Int64, deadline: UInt64) -> LeaderElection {
        var timing = LeaseElection.Timing()
        timing.durationSeconds = duration
        timing.renewDeadline = deadline
        timing.retryPeriod = 20_000_000
        return LeaderElection(
            transport: api, loop: loop, key: Self.key, election: LeaseElection(identity: identity, timing: timing),
            onChange: { [terms] in terms.all.append("\(identity) \($0 ? "leads" : "stops")") })
    }

    /// The lease lasts longer than any test: only its release lets another take it.
    @Test func oneLeadsAndTheOtherTakesOverWhenItIsReleased() throws {
        let api = FakeAPI(loop: loop)
        let a = candidate("a", api, duration: 3600, deadline: 1800 * Self.second)
        let b = candidate("b", api, duration: 3600, deadline: 1800 * Self.second)
        a.start()
        #expect(loop.run(until: { a.isLeader }))
        b.start()
        let before = api.requests.count { $0.method == .get }
        #expect(loop.run(until: { api.requests.count { $0.method == .get } >= before + 3 }))
        #expect(!b.isLeader, "it has looked at the lease again and again")
        var isReleased = false
        a.stop { isReleased = true }
        #expect(!a.isLeader)
        #expect(loop.run(until: { isReleased && b.isLeader }))
        #expect(api.objects[Self.path]?.at("spec.holderIdentity") == "b")
        #expect(api.objects[Self.path]?.at("spec.leaseTransitions") == 1)
        #expect(terms.all == ["a leads", "a stops", "b leads"])
    }

    /// How long there is between the two is the state machine's to say; here the one has to come before the other.
    @Test func aLeaderThatCannotRenewStopsAndAnotherFollows() throws {
        let (aAPI, bAPI) = (FakeAPI(loop: loop), FakeAPI(loop: loop))
        // Two ways to the same lease, one of which breaks.
        aAPI.onChange = { path, object in
            if let object, bAPI.objects[path]?["spec"] != object["spec"] { bAPI.put(path, object) }
        }
        let a = candidate("a", aAPI, duration: 1, deadline: 600_000_000)
        let b = candidate("b", bAPI, duration: 1, deadline: 600_000_000)
        a.start()
        #expect(loop.run(until: { a.isLeader }))
        b.start()
        aAPI.fault = { _ in .failure(.timedOut) }
        #expect(loop.run(until: { b.isLeader }))
        #expect(terms.all.prefix(3) == ["a leads", "a stops", "b leads"])
    }
}
