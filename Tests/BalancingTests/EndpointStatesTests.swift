import Balancing
import GatewayAPI
import Testing

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
        expect(states.pick(0, in: table(0), random: 7, now: 0, excluding: -1) == nil)
        expect(states.pick(9, in: table(1), random: 7, now: 0, excluding: -1) == nil)
        expect(states.pick(0, in: table(1), random: .max, now: 0, excluding: -1)?.address == Fixture.address(1))
        expect(states.pick(0, in: table(1), random: 7, now: 0, excluding: 0) == nil)
    }

    @Test("Requests that stay in flight spread evenly; a slow endpoint gets few")
    func leastLoaded() {
        let table = table(10)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        for _ in 0..<1_000 { _ = states.pick(0, in: table, random: random.next(), now: 0, excluding: -1) }
        for id in 0..<10 as Range<Int32> { expect(abs(states.load(id) - 100) <= 10, "\(id): \(states.load(id))") }

        // Endpoint 0 never answers, the others at once.
        var slow = EndpointStates()
        slow.reserve(ids: table.idCapacity)
        for _ in 0..<1_000 {
            guard let picked = slow.pick(0, in: table, random: random.next(), now: 0, excluding: -1) else { continue }
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
            guard let picked = states.pick(0, in: table, random: random.next(), now: 0, excluding: -1) else { continue }
            drawn[Int(picked.id)] += 1
            states.released(picked.id)
        }
        for count in drawn { #expect(abs(count - 1_000) < 200, "\(drawn)") }
    }

    @Test("An endpoint that takes no connection is passed over, longer with each failure, until it takes one")
    func ejection() {
        let table = table(2)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        expect(states.failed(0, now: second))
        expect(!states.failed(0, now: second))  // begun before the ejection
        for _ in 0..<50 {
            let picked = states.pick(0, in: table, random: random.next(), now: second, excluding: -1)
            #expect(picked?.id == 1)
        }
        let back = second + EjectionPolicy.firstPause
        expect(states.isEjected(0, now: back - 1) && !states.isEjected(0, now: back))
        expect(states.failed(0, now: back))
        expect(states.isEjected(0, now: back + 2 * EjectionPolicy.firstPause - 1))
        states.connected(0)
        expect(!states.isEjected(0, now: back))
        expect(states.failed(0, now: back) && !states.isEjected(0, now: back + EjectionPolicy.firstPause))
    }

    @Test("The pause doubles to its limit and no further")
    func pauses() {
        #expect(EjectionPolicy.pause(failures: 1) == EjectionPolicy.firstPause)
        #expect(EjectionPolicy.pause(failures: 3) == 4 * EjectionPolicy.firstPause)
        #expect(EjectionPolicy.pause(failures: .max) == EjectionPolicy.longestPause)
        #expect(EjectionPolicy.pause(failures: 0) == EjectionPolicy.firstPause)
    }

    @Test("When all are ejected the one whose pause ends first is taken")
    func allEjected() {
        let table = table(3)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        for id in [2, 0, 1] as [Int32] { _ = states.failed(id, now: UInt64(10 - id)) }
        var random = Generator()
        for _ in 0..<20 {
            expect(states.pick(0, in: table, random: random.next(), now: 20, excluding: -1)?.id == 2)
            expect(states.pick(0, in: table, random: random.next(), now: 20, excluding: 2)?.id == 1)
        }
    }

    @Test("The second pick avoids the endpoint that failed")
    func excluding() {
        let table = table(3)
        var states = EndpointStates()
        states.reserve(ids: table.idCapacity)
        var random = Generator()
        for _ in 0..<200 {
            let picked = states.pick(0, in: table, random: random.next(), now: 0, excluding: 1)
            #expect(picked != nil && picked?.id != 1)
        }
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
        _ = states.failed(id, now: 5)
        _ = build(2)
        let reused = build(3)
        id = reused.endpoints(0).first?.id ?? -1
        _ = states.pick(0, in: reused, random: 1, now: 5, excluding: -1)
        expect(!states.isEjected(id, now: 5) && states.load(id) == 1)
        states.released(99)
        states.released(-1)
        states.connected(99)
        expect(!states.failed(99, now: 1))
    }

    @Test("Room can grow without losing what is known")
    func growth() {
        let table = table(4)
        var states = EndpointStates()
        states.reserve(ids: 4)
        _ = states.pick(0, in: table, random: 1, now: 0, excluding: -1)
        _ = states.failed(3, now: 1)
        let loads = (0..<4).map { states.load($0) }
        states.reserve(ids: 5_000)
        expect((0..<4).map { states.load($0) } == loads && states.isEjected(3, now: 2))
    }
}
