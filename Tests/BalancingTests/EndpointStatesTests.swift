import GatewayAPI
import Testing

@testable import Balancing

@Suite("Picking an endpoint")
struct EndpointStatesTests {
    typealias Fixture = BalancingFixture

    private struct Generator: RandomNumberGenerator {
        var state: UInt64 = 42
        mutating func next() -> UInt64 {
            state = state &+ 0x9e37_79b9_7f4a_7c15
            var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    /// `#expect` would have to copy the states that its condition asks, and they cannot be.
    private func expect(_ condition: Bool, _ comment: Comment? = nil, at location: SourceLocation = #_sourceLocation) {
        #expect(condition, comment, sourceLocation: location)
    }

    private let second: UInt64 = 1_000_000_000

    private func table(_ count: UInt32) -> EndpointTable {
        Fixture.table(
            Fixture.resources([Fixture.slice("s", (0..<count).map { Fixture.endpoint(Fixture.address($0 + 1)) })]))
    }

    @Test("Nothing to pick from is nil, one endpoint is that one, and a number that is no backend is nil")
    func few() {
        var states = EndpointStates()
        states.reserve(ids: 8)
        let one = table(1)
        expect(states.pick(0, in: table(0), random: 7, now: 1) == nil)
        expect(states.pick(9, in: one, random: 7, now: 1) == nil)
        expect(states.pick(0, in: one, random: .max, now: 1)?.address == Fixture.address(1))
        _ = states.failed(0, .refused, of: 0, in: one, now: 2)
        expect(states.pick(0, in: one, random: 7, now: 2, avoiding: 2) == nil)
        expect(states.pick(0, in: one, random: 7, now: 2) != nil, "it is all there is")
    }

    @Test("Requests that stay in flight spread evenly; a slow endpoint gets few")
    func leastLoaded() {
        let table = table(10)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        for _ in 0..<1_000 { _ = states.pick(0, in: table, random: random.next(), now: 0) }
        for id in 0..<10 as Range<Int32> { expect(abs(states.load(id) - 100) <= 10, "\(id): \(states.load(id))") }

        // Endpoint 0 never answers, the others at once.
        var slow = EndpointStates()
        slow.reserve(ids: table.idCapacity)
        for _ in 0..<1_000 {
            guard let picked = slow.pick(0, in: table, random: random.next(), now: 0) else { continue }
            if picked.id != 0 { slow.released(picked.id) }
        }
        expect(slow.load(0) < 10)
    }

    @Test("Every endpoint is drawn when all are idle")
    func uniform() {
        let table = table(7)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        var drawn = [Int](repeating: 0, count: 7)
        for _ in 0..<7_000 {
            guard let picked = states.pick(0, in: table, random: random.next(), now: 0) else { continue }
            drawn[Int(picked.id)] += 1
            states.released(picked.id)
        }
        for count in drawn { #expect(abs(count - 1_000) < 200, "\(drawn)") }
    }

    // MARK: Ejection

    @Test("An endpoint that takes no connection is ejected at once, and longer each time")
    func ejection() {
        let table = table(2)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        expect(states.failed(0, .refused, of: 0, in: table, now: second))
        expect(!states.failed(0, .refused, of: 0, in: table, now: second), "begun before the ejection")
        for _ in 0..<50 {
            #expect(states.pick(0, in: table, random: random.next(), now: second)?.id == 1)
        }
        let back = second + EjectionPolicy.firstPause
        expect(states.standing(0) == .ejected && states.isPaused(0, now: back - 1) && !states.isPaused(0, now: back))
        expect(states.failed(0, .refused, of: 0, in: table, now: back))
        expect(states.isPaused(0, now: back + 2 * EjectionPolicy.firstPause - 1))
    }

    @Test("The pause doubles to its limit and no further")
    func pauses() {
        #expect(EjectionPolicy.pause(ejections: 1) == EjectionPolicy.firstPause)
        #expect(EjectionPolicy.pause(ejections: 3) == 4 * EjectionPolicy.firstPause)
        #expect(EjectionPolicy.pause(ejections: .max) == EjectionPolicy.longestPause)
        #expect(EjectionPolicy.pause(ejections: 0) == EjectionPolicy.firstPause)
    }

    @Test("Three cut attempts in a row eject, or more than one in four; one in ten does not")
    func cuts() {
        let table = table(4)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        for _ in 0..<2 { expect(!states.failed(0, .cut, of: 0, in: table, now: 1)) }
        expect(states.failed(0, .cut, of: 0, in: table, now: 1))
        for _ in 0..<100 {
            expect(!states.failed(1, .cut, of: 0, in: table, now: 1))
            for _ in 0..<9 { _ = states.answered(1, isError: false, now: 1) }
        }
        var isEjected = false
        for _ in 0..<20 where !isEjected {
            isEjected = states.failed(2, .cut, of: 0, in: table, now: 1)
            if !isEjected { _ = states.answered(2, isError: false, now: 1) }
        }
        #expect(isEjected)
        for _ in 0..<50 { expect(!states.failed(3, .stale, of: 0, in: table, now: 1), "the end of idle connections") }
    }

    @Test("One request at a time tries an endpoint whose pause is over, and its answer makes it well")
    func trial() {
        let table = table(2)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        func picks(_ now: UInt64, isRepeatable: Bool = true) -> [EndpointStates.Picked] {
            (0..<60).compactMap { _ in
                let picked = states.pick(0, in: table, random: random.next(), now: now, isRepeatable: isRepeatable)
                if let picked { states.released(picked.id) }
                return picked
            }
        }
        _ = states.failed(0, .cut, of: 0, in: table, now: second)
        for _ in 0..<2 { _ = states.failed(0, .cut, of: 0, in: table, now: second) }
        let back = second + EjectionPolicy.firstPause
        #expect(picks(back - 1).allSatisfy { $0.id == 1 })
        #expect(picks(back, isRepeatable: false).allSatisfy { $0.id == 1 }, "what cannot be repeated waits for longer")
        #expect(picks(back).filter { $0.id == 0 }.map(\.isTrial) == [true])
        expect(!states.connected(0, now: back), "a connection was never what it lacked")
        expect(states.failed(0, .cut, of: 0, in: table, now: back), "a trial that fails ejects at once")
        let again = back + 2 * EjectionPolicy.firstPause
        #expect(picks(again).count { $0.isTrial } == 1)
        expect(states.answered(0, isError: true, now: again), "an error is an answer")
        #expect(picks(again).contains { $0.id == 0 && !$0.isTrial })
        // It is remembered for a while.
        for _ in 0..<3 { _ = states.failed(0, .cut, of: 0, in: table, now: again) }
        expect(states.isPaused(0, now: again + 4 * EjectionPolicy.firstPause - 1))
        let much = again + 4 * EjectionPolicy.firstPause + EjectionPolicy.memory + 1
        _ = states.answered(0, isError: false, now: much)
        _ = states.failed(0, .refused, of: 0, in: table, now: much)
        expect(!states.isPaused(0, now: much + EjectionPolicy.firstPause))
    }

    @Test("An endpoint that took no connection is tried by a connection first, then by a request")
    func connectionBeforeRequest() {
        let table = table(2)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        func trials(_ now: UInt64) -> [EndpointStates.Picked] {
            (0..<60).compactMap { _ in
                let picked = states.pick(0, in: table, random: random.next(), now: now, isRepeatable: false)
                if let picked { states.released(picked.id) }
                return picked
            }.filter(\.isTrial)
        }
        _ = states.failed(0, .refused, of: 0, in: table, now: second)
        let back = second + EjectionPolicy.firstPause
        #expect(trials(back).map(\.needsConnection) == [true])
        states.reached(0, now: back + 1)
        #expect(trials(back + 1).map(\.needsConnection) == [false])
        expect(states.answered(0, isError: false, now: back + 2) && states.standing(0) == .well)
        _ = states.failed(0, .applicationDown, of: 0, in: table, now: back + 2)
        #expect(
            trials(back + 2 + 2 * EjectionPolicy.firstPause).map(\.needsConnection) == [false],
            "its proxy takes connections all the time")
    }

    @Test("What had begun before an ejection does not end it")
    func lateAnswer() {
        let table = table(2)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        _ = states.failed(0, .vanished, of: 0, in: table, now: second)
        expect(!states.answered(0, isError: false, now: second + 1) && states.standing(0) == .ejected)
    }

    @Test(
        "No more than half of a backend is ejected; the others that fail are avoided, for shorter pauses",
        arguments: 1...9 as ClosedRange<UInt32>)
    func cap(count: UInt32) {
        let table = table(count)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        for _ in 0..<9 {
            for id in 0..<Int32(count) { _ = states.failed(id, .refused, of: 0, in: table, now: second * 40) }
        }
        let standings = (0..<Int32(count)).map { states.standing($0) }
        #expect(standings.count { $0 == .ejected } == Int(count / 2))
        #expect(standings.count { $0 == .avoided } == Int(count - count / 2))
        let picked = states.pick(0, in: table, random: random.next(), now: second * 40)
        expect(picked.map { states.standing($0.id) } == .avoided, "when all fail, those that are not ejected go on")
    }

    @Test("An attempt goes to no endpoint that has failed since the first one did")
    func avoiding() {
        let table = table(5)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        _ = states.failed(4, .stale, of: 0, in: table, now: 9)
        for (id, failure) in zip([1, 3, 0] as [Int32], [EndpointFailure.stale, .refused, .cut]) {
            _ = states.failed(id, failure, of: 0, in: table, now: 10)
        }
        var seen: Set<Int32> = []
        for _ in 0..<200 {
            guard let picked = states.pick(0, in: table, random: random.next(), now: 10, avoiding: 10) else { continue }
            seen.insert(picked.id)
        }
        #expect(seen == [2, 4])
    }

    @Test("The neighbour of endpoints that are out does not get their requests")
    func neighbours() {
        let table = table(12)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        for id in 2..<8 as Range<Int32> { _ = states.failed(id, .refused, of: 0, in: table, now: second) }
        var drawn = [Int](repeating: 0, count: 12)
        for _ in 0..<6_000 {
            guard let picked = states.pick(0, in: table, random: random.next(), now: second) else { continue }
            drawn[Int(picked.id)] += 1
            states.released(picked.id)
        }
        for id in [0, 1, 8, 9, 10, 11] { #expect(abs(drawn[id] - 1_000) < 200, "\(drawn)") }
    }

    @Test("What one worker has found out, another takes over")
    func reports() {
        let table = table(4)
        var one = EndpointStates()
        var other = EndpointStates()
        one.reserve(ids: 4)
        other.reserve(ids: 4)
        let reports = EndpointReports()
        func tell(_ id: Int32, _ states: borrowing EndpointStates) { states.report(id).map(reports.add) }
        _ = one.failed(0, .applicationDown, of: 0, in: table, now: second)
        tell(0, one)
        for report in reports.added(after: 0) { other.adopt(report) }
        expect(other.standing(0) == .ejected && other.isPaused(0, now: second + EjectionPolicy.firstPause - 1))
        #expect(reports.standings.map(\.id) == [0])
        let back = second + EjectionPolicy.firstPause
        expect(other.answered(0, isError: false, now: back))
        tell(0, other)
        for report in reports.added(after: 1) { one.adopt(report) }
        expect(one.standing(0) == .well)
        #expect(reports.standings.isEmpty)
        // More than are kept: the last ones are what counts.
        for _ in 0..<1_000 { tell(1, one) }
        #expect(reports.count == 1_002 && reports.added(after: 2).count == 256 && reports.added(after: 1_002).isEmpty)
        // Another endpoint has the number by now.
        other.adopt(
            EndpointReport(
                id: 2, generation: .max, standing: .ejected, pausedUntil: .max, ejections: 1, needsAnswer: true,
                isCostly: true))
        expect(other.standing(2) == .well)
    }

    @Test("A number that now means another endpoint begins afresh, and unknown numbers do no harm")
    func generations() {
        let registry = EndpointRegistry()
        func build(_ last: UInt32) -> EndpointTable {
            Fixture.table(
                Fixture.resources([Fixture.slice("s", [Fixture.endpoint(Fixture.address(last))])]), registry: registry)
        }
        var states = EndpointStates()
        states.reserve(ids: 4)
        var id = build(1).endpoints(0).first?.id ?? -1
        _ = states.failed(id, .refused, of: 0, in: build(1), now: 5)
        _ = build(2)
        let reused = build(3)
        id = reused.endpoints(0).first?.id ?? -1
        _ = states.pick(0, in: reused, random: 1, now: 5)
        expect(!states.isPaused(id, now: 5) && states.load(id) == 1)
        states.released(99)
        states.released(-1)
        expect(!states.connected(99, now: 1) && !states.answered(99, isError: true, now: 1))
        expect(!states.failed(99, .refused, of: 0, in: reused, now: 1) && states.report(99) == nil)
    }

    @Test("Room can grow without losing what is known")
    func growth() {
        let table = table(4)
        var states = EndpointStates()
        states.reserve(ids: 4)
        _ = states.pick(0, in: table, random: 1, now: 0)
        _ = states.failed(3, .refused, of: 0, in: table, now: 1)
        let loads = (0..<4).map { states.load($0) }
        states.reserve(ids: 5_000)
        expect((0..<4).map { states.load($0) } == loads && states.isPaused(3, now: 2))
    }
}
