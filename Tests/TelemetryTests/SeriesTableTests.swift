import Synchronization
import Testing

@testable import Telemetry

private final class Flag: Sendable {
    private let state = Atomic<Bool>(false)
    var isRaised: Bool { state.load(ordering: .acquiring) }
    func raise() { state.store(true, ordering: .releasing) }
}

@Suite struct SeriesTableTests {
    private func key(_ route: Int32, _ status: StatusClass = .success) -> SeriesKey {
        SeriesKey(door: .inbound, route: route, backend: 7, status: status, flag: .local)
    }

    private func total(_ table: SeriesTable) -> UInt64 {
        var sums = SeriesSums(width: table.width)
        table.add(to: &sums)
        return sums.sorted().reduce(0) { sum, entry in
            let isDuration = entry.values.count == DurationWord.count
            let counts = entry.values.dropFirst(isDuration ? DurationWord.buckets : 0)
            return sum + counts.reduce(0, +)
        }
    }

    @Test func aKeyGivesBackItsParts() {
        let key = SeriesKey(
            door: .gateway, route: 20_000, backend: 0xF_FFFF, status: .serverError, flag: .internalError)
        #expect(key.door == .gateway && key.route == 20_000 && key.backend == 0xF_FFFF)
        #expect(key.status == .serverError && key.flag == .internalError)
    }

    @Test(arguments: [Int32.min, -1, 1 << 20, Int32.max])
    func aNumberOutOfRangeIsOther(id: Int32) {
        #expect(key(id).route == Int(MetricNames.other))
    }

    @Test func growingLosesNothing() {
        let table = SeriesTable(width: 2, slots: 8, maximumSlots: 4096)
        for round in 0..<3 {
            for route in 0..<Int32(1000) {
                let values = table.values(of: key(route))
                values[0] += 1
                values[1] += UInt64(round)
            }
        }
        var sums = SeriesSums(width: 2)
        table.add(to: &sums)
        #expect(sums.sorted().count == 1000)
        #expect(sums.sorted().allSatisfy { Array($0.values) == [3, 3] })
        #expect(table.overflows == 0)
    }

    @Test func aFullTableCountsUnderOther() {
        let table = SeriesTable(width: 1, slots: 8, maximumSlots: 2048)
        for route in 0..<Int32(50_000) { table.values(of: key(route, .clientError))[0] += 1 }
        #expect(total(table) == 50_000)
        #expect(table.overflows == 50_000 - 1536)
        var sums = SeriesSums(width: 1)
        table.add(to: &sums)
        let other = sums.sorted().first { $0.key.route == Int(MetricNames.other) && $0.key.status == .clientError }
        #expect((other?.values.first ?? 0) >= 50_000 - 1536)
        #expect(sums.sorted().count <= 1537)
    }

    @Test func noNamespaceTakesTheSeriesOfOthers() {
        let owners = SeriesOwners(count: 10_000, seed: 1)
        let table = SeriesTable(width: 1, slots: 8, maximumSlots: 4096, owners: owners)
        for route in Int32(2)..<5_002 {
            owners.assign(route: route, to: "hostile")
            table.values(of: key(route))[0] += 1
        }
        #expect(table.overflows == 5_000 - 1_536, "half of what there may be, while there is much left")
        for route in Int32(6_000)..<7_000 {
            owners.assign(route: route, to: "team\(route / 100)")
            table.values(of: key(route))[0] += 1
        }
        #expect(table.overflows == 5_000 - 1_536, "the others have all of theirs")
        #expect(total(table) == 6_000)
    }

    @Test func everyOverflowSeriesFitsInAFullTable() {
        let table = SeriesTable(width: 1, slots: 8, maximumSlots: 8)
        for route in 2..<Int32(5_000) { table.values(of: key(route))[0] += 1 }
        for door in Door.allCases {
            for status in StatusClass.allCases {
                for flag in ResponseFlag.allCases {
                    let key = SeriesKey(door: door, route: 9_000, backend: 9_000, status: status, flag: flag)
                    table.values(of: key)[0] += 1
                }
            }
        }
        #expect(total(table) == UInt64(4_998 + SeriesKey.overflowKeys))
    }

    @Test func knownSeriesNeedNoMemory() {
        let table = SeriesTable(width: 1, slots: 64, maximumSlots: 4096)
        let places = (0..<Int32(40)).map { table.values(of: key($0)) }
        for _ in 0..<100 {
            for route in 0..<Int32(40) { #expect(table.values(of: key(route)) == places[Int(route)]) }
        }
    }

    /// Readers go on while the writer grows its tables; sums never fall, and nothing is lost in the end.
    @Test func aReaderMayReadWhileTheTableGrows() async {
        let metrics = Metrics()
        let shard = metrics.makeShard()
        let done = Flag()
        let rounds: Int32 = 8
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<rounds {
                    for route in 0..<Int32(6_000) { shard.record(route: route + 2, backend: route & 15) }
                }
                done.raise()
            }
            group.addTask {
                var last: UInt64 = 0
                while !done.isRaised {
                    var sums = SeriesSums(width: 1)
                    shard.requests.add(to: &sums)
                    let now = sums.sorted().reduce(0) { $0 + ($1.values.first ?? 0) }
                    #expect(now >= last)
                    last = now
                    _ = metrics.render(now: 0).count
                }
            }
        }
        #expect(total(shard.requests) == UInt64(6_000 * rounds))
        #expect(total(shard.durations) <= UInt64(6_000 * rounds))
    }
}
