import Balancing
import GatewayAPI
import Testing

/// Clients that ask one after the other, some of a backend's endpoints dead: how many of their requests fail.
/// Simulated: time passes by request, chance is seeded.
@Suite("Dead endpoints")
struct DeadEndpointTests {
    enum Behaviour: Sendable {
        /// Answers after so many microseconds.
        case well(UInt64)
        case refuses
        case applicationDown
        /// Takes the request and ends the connection.
        case cuts
        /// Answers 500 at once.
        case errs
    }

    struct Outcome {
        var requests = 0
        var failures = 0
        /// Requests that went to each endpoint.
        var drawn: [Int]
    }

    private static let second: UInt64 = 1_000_000_000

    /// - Parameter isIdempotent: of all requests.
    /// - Returns: what happened after the first second of ten.
    private func run(
        _ behaviours: [Behaviour], workers: Int = 2, clients: Int = 16, isIdempotent: Bool = true
    ) -> Outcome {
        let table = BalancingFixture.table(
            BalancingFixture.resources([
                BalancingFixture.slice(
                    "s",
                    behaviours.indices.map { BalancingFixture.endpoint(BalancingFixture.address(UInt32($0) + 1)) })
            ]))
        let reports = EndpointReports()
        let pool = (0..<workers).map { SimulatedWorker(UInt64($0) + 7, table, reports) }
        var outcome = Outcome(drawn: behaviours.map { _ in 0 })
        // When each client asks next, and the endpoint whose answer it waits for until then.
        var due = (0..<clients).map { (at: DeadEndpointTests.second + UInt64($0) * 1_000, endpoint: Int32(-1)) }
        while true {
            guard let client = due.indices.min(by: { due[$0].at < due[$1].at }) else { break }
            let (now, endpoint) = due[client]
            if now > 11 * DeadEndpointTests.second { break }
            if endpoint >= 0 {
                // The answer is here; the next request follows after 2 ms.
                pool[client % workers].answered(endpoint, isError: false, now)
                due[client] = (now + 2_000_000, -1)
                continue
            }
            let isCounted = now >= 2 * DeadEndpointTests.second
            outcome.requests += isCounted ? 1 : 0
            switch pool[client % workers].ask(
                behaviours, now, isIdempotent, isCounted ? { outcome.drawn[$0] += 1 } : nil)
            {
            case .waits(let endpoint, let time): due[client] = (now + time, endpoint)
            case .failed:
                outcome.failures += isCounted ? 1 : 0
                due[client].at = now + 2_100_000
            case .erred: due[client].at = now + 2_100_000
            }
        }
        return outcome
    }

    static let dead: [Behaviour] = [.refuses, .applicationDown, .cuts]

    @Test(
        "One of two, two of six, five of six: at most one request in a hundred fails after the first second",
        arguments: [(1, 2), (2, 6), (5, 6)], [0, 1, 2])
    func dead(_ counts: (dead: Int, all: Int), _ kind: Int) {
        let behaviours = (0..<counts.all).map { $0 < counts.dead ? DeadEndpointTests.dead[kind] : .well(20_000) }
        for isIdempotent in [true, false] {
            let outcome = run(behaviours, isIdempotent: isIdempotent)
            #expect(outcome.requests > 1_000)
            let allowed = isIdempotent || kind < 2 ? 0 : outcome.requests / 100
            #expect(outcome.failures <= allowed, "\(outcome)")
        }
    }

    @Test("An endpoint that answers errors at once gets no more than its fair share", arguments: [2, 3, 6])
    func errors(count: Int) {
        for healthy in [UInt64(1_000), 20_000, 200_000] {
            let outcome = run((0..<count).map { $0 == 0 ? .errs : .well(healthy) })
            #expect(outcome.drawn[0] * count <= outcome.requests, "\(outcome)")
            #expect(outcome.drawn[0] * count * 2 > outcome.requests, "nor is it ejected: \(outcome)")
        }
    }
}

/// One worker's states, and what a request does to them.
private final class SimulatedWorker {
    enum Answer {
        case waits(Int32, UInt64)
        case erred
        case failed
    }

    private var states = EndpointStates()
    private var random: UInt64
    private let table: EndpointTable
    private let reports: EndpointReports
    private var adopted: UInt64 = 0

    init(_ seed: UInt64, _ table: EndpointTable, _ reports: EndpointReports) {
        self.table = table
        self.reports = reports
        random = seed
        states.reserve(ids: table.idCapacity)
    }

    func answered(_ id: Int32, isError: Bool, _ now: UInt64) {
        states.released(id)
        if states.answered(id, isError: isError, now: now) { states.report(id).map(reports.add) }
    }

    func ask(
        _ behaviours: [DeadEndpointTests.Behaviour], _ now: UInt64, _ isIdempotent: Bool, _ drawn: ((Int) -> Void)?
    ) -> Answer {
        for report in reports.added(after: adopted) { states.adopt(report) }
        adopted = reports.count
        var attempts = FreeAttempts()
        while true {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let mixed = (random ^ (random >> 31)) &* 0xbf58_476d_1ce4_e5b9
            guard
                let picked = states.pick(
                    0, in: table, random: mixed ^ (mixed >> 32), now: now, avoiding: attempts.since,
                    isRepeatable: isIdempotent)
            else { return .failed }
            drawn?(Int(picked.id))
            let failure: EndpointFailure
            switch behaviours[Int(picked.id)] {
            case .well(let microseconds): return .waits(picked.id, microseconds * 1_000)
            case .errs:
                answered(picked.id, isError: true, now)
                return .erred
            case .refuses: failure = .refused
            case .applicationDown: failure = .applicationDown
            case .cuts: failure = .cut
            }
            states.released(picked.id)
            if states.failed(picked.id, failure, of: 0, in: table, now: now) {
                states.report(picked.id).map(reports.add)
            }
            guard
                attempts.mayFollow(
                    FreeAttempts.end(failure, isTrial: picked.isTrial), isIdempotent: isIdempotent, isWhole: true,
                    endpoints: behaviours.count, now: now)
            else { return .failed }
        }
    }
}
