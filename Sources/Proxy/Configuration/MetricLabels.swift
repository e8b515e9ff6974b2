package import Routing
internal import Synchronization
package import Telemetry

/// The numbers under which rules and backends are counted, laid out for reading without reference counting.
///
/// A backend gets its number when it is first counted: a sidecar calls few of the Services of its cluster, and the
/// names of the others would only take memory.
package final class MetricLabels: @unchecked Sendable {
    private let numbers: MetricNames
    private let routes: UnsafeMutableBufferPointer<Int32>
    /// 0 (`MetricNames.none`): not counted yet.
    private let backends: UnsafeMutableBufferPointer<Atomic<Int32>>
    /// The names of the plan's backends one after the other, and where each ends.
    private let names: UnsafeMutableBufferPointer<UInt8>
    private let nameEnds: UnsafeMutableBufferPointer<UInt32>
    /// Those of the backends after these.
    private let services: ServiceDirectory

    /// - Parameters:
    ///   - routes: by rule index of the route table; released when these go.
    ///   - backendNames: by backend position of the plan; for the access log too.
    ///   - services: the route table's, whose entries are the backends after those.
    ///   - numbers: where backends get their numbers.
    package init(
        routes: [Int32], backendNames: some Collection<String>, services: ServiceDirectory = .empty,
        numbers: MetricNames
    ) {
        self.services = services
        var text: [UInt8] = []
        nameEnds = .allocate(capacity: backendNames.count)
        for (position, name) in backendNames.enumerated() {
            text.append(contentsOf: name.utf8)
            nameEnds.initializeElement(at: position, to: UInt32(truncatingIfNeeded: text.count))
        }
        names = .allocate(capacity: text.count)
        _ = names.initialize(from: text)
        backends = .allocate(capacity: backendNames.count + Int(services.count))
        for position in backends.indices { backends.initializeElement(at: position, to: Atomic(0)) }
        self.routes = .allocate(capacity: routes.count)
        _ = self.routes.initialize(from: routes)
        self.numbers = numbers
    }

    deinit {
        // Nothing is counted under them any more, unless by a request that holds them itself: whatever else was in
        // flight held the snapshot that these belong to.
        numbers.release(
            routes: routes, backends: backends.indices.lazy.map { [backends] in backends[$0].load(ordering: .relaxed) })
        routes.deallocate()
        backends.deinitialize().deallocate()
        names.deallocate()
        nameEnds.deallocate()
    }

    /// 0 (`MetricNames.none`) for no rule.
    func route(_ rule: Int32) -> Int32 {
        rule >= 0 && Int(rule) < routes.count ? routes[Int(rule)] : 0
    }

    /// Empty for no backend.
    func backendName(_ backend: Int32) -> UnsafeRawBufferPointer {
        guard backend >= 0, Int(backend) < backends.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if Int(backend) >= nameEnds.count { return services.name(backend - Int32(nameEnds.count)) }
        let start = backend == 0 ? 0 : Int(nameEnds[Int(backend) - 1])
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(names)[start..<Int(nameEnds[Int(backend)])])
    }

    /// 0 (`MetricNames.none`) for no backend. Takes a lock the first time that a backend is counted under these labels.
    func backend(_ backend: Int32) -> Int32 {
        guard backend >= 0, Int(backend) < backends.count else { return MetricNames.none }
        let known = backends[Int(backend)].load(ordering: .relaxed)
        return known != MetricNames.none ? known : count(backend)
    }

    /// The numbers of a rule and a backend for a request that outlasts these labels.
    func hold(rule: Int32, backend: Int32) -> HeldNumbers {
        HeldNumbers(route: route(rule), backend: self.backend(backend), numbers)
    }

    /// Two workers that come at once get the same number.
    private func count(_ backend: Int32) -> Int32 {
        let number = numbers.intern(backend: String(decoding: backendName(backend), as: UTF8.self))
        let (isFirst, first) = backends[Int(backend)].compareExchange(
            expected: MetricNames.none, desired: number, ordering: .relaxed)
        if isFirst { return number }
        numbers.release(routes: [], backends: [number])
        return first
    }
}

/// The numbers under which one request is counted, held for as long as this lives: nobody else gets them meanwhile.
final class HeldNumbers: Sendable {
    let route: Int32
    let backend: Int32
    private let numbers: MetricNames

    /// Somebody holds them now.
    init(route: Int32, backend: Int32, _ numbers: MetricNames) {
        self.route = route
        self.backend = backend
        self.numbers = numbers
        numbers.retain(route: route, backend: backend)
    }

    deinit {
        numbers.release(routes: CollectionOfOne(route), backends: CollectionOfOne(backend))
    }
}
