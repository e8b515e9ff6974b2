/// The numbers under which rules and backends are counted, laid out for reading without reference counting.
package final class MetricLabels: @unchecked Sendable {
    private let routes: UnsafeMutableBufferPointer<Int32>
    private let backends: UnsafeMutableBufferPointer<Int32>
    /// The backends' names one after the other, and where each ends.
    private let names: UnsafeMutableBufferPointer<UInt8>
    private let nameEnds: UnsafeMutableBufferPointer<Int>

    /// - Parameters:
    ///   - routes: by rule index of the route table.
    ///   - backends: by backend position of the plan.
    ///   - backendNames: the same backends' names, for the access log.
    package init(routes: [Int32], backends: [Int32], backendNames: [String]) {
        let text = backendNames.flatMap { Array($0.utf8) }
        names = .allocate(capacity: text.count)
        _ = names.initialize(from: text)
        nameEnds = .allocate(capacity: backendNames.count)
        var end = 0
        for (position, name) in backendNames.enumerated() {
            end += name.utf8.count
            nameEnds.initializeElement(at: position, to: end)
        }
        self.routes = .allocate(capacity: routes.count)
        _ = self.routes.initialize(from: routes)
        self.backends = .allocate(capacity: backends.count)
        _ = self.backends.initialize(from: backends)
    }

    deinit {
        routes.deallocate()
        backends.deallocate()
        names.deallocate()
        nameEnds.deallocate()
    }

    /// 0 (`MetricNames.none`) for no rule.
    func route(_ rule: Int32) -> Int32 {
        rule >= 0 && Int(rule) < routes.count ? routes[Int(rule)] : 0
    }

    /// Empty for no backend.
    func backendName(_ backend: Int32) -> UnsafeRawBufferPointer {
        guard backend >= 0, Int(backend) < nameEnds.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let start = backend == 0 ? 0 : nameEnds[Int(backend) - 1]
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(names)[start..<nameEnds[Int(backend)]])
    }

    func backend(_ backend: Int32) -> Int32 {
        backend >= 0 && Int(backend) < backends.count ? backends[Int(backend)] : 0
    }
}
