internal import CLinux
internal import Glibc

/// Namespaces that series belong to, by the numbers of their routes and backends. Each namespace is one of few groups,
/// drawn at random, so that there is no table of namespaces: two in one group have one share.
///
/// Written under a lock of the owner's; any thread reads, and nobody locks for it.
final class SeriesOwners: @unchecked Sendable {
    static let groups = 1_024

    private let seed: UInt64
    /// Words by number: the group, or 0.
    private let routes: UnsafeMutablePointer<UInt64>
    private let backends: UnsafeMutablePointer<UInt64>
    private let count: Int

    /// - Parameter count: numbers of either kind. Room is taken up as they are given.
    init(count: Int, seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
        self.count = max(count, 1)
        routes = Self.words(self.count)
        backends = Self.words(self.count)
    }

    deinit {
        free(routes)
        free(backends)
    }

    private static func words(_ count: Int) -> UnsafeMutablePointer<UInt64> {
        guard let block = calloc(count, MemoryLayout<UInt64>.stride) else { fatalError("no memory for metric names") }
        return block.bindMemory(to: UInt64.self, capacity: count)
    }

    func assign(route: Int32, to namespace: Substring) { store(routes, route, namespace) }

    func assign(backend: Int32, to namespace: Substring) { store(backends, backend, namespace) }

    private func store(_ words: UnsafeMutablePointer<UInt64>, _ number: Int32, _ namespace: Substring) {
        guard number > MetricNames.other, Int(number) < count else { return }
        let hash = namespace.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        weir_counter_store(words + Int(number), 1 + (hash ^ hash >> 32) % UInt64(Self.groups - 1))
    }

    /// 0 for a series of no route and no backend in particular, which is everybody's.
    func group(of key: SeriesKey) -> Int {
        if key.route > Int(MetricNames.other), key.route < count {
            return Int(weir_counter_load(routes + key.route))
        }
        guard key.backend > Int(MetricNames.other), key.backend < count else { return 0 }
        return Int(weir_counter_load(backends + key.backend))
    }
}
