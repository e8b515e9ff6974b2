/// The numbers under which rules and backends are counted, laid out for reading without reference counting.
package final class MetricLabels: @unchecked Sendable {
    private let routes: UnsafeMutableBufferPointer<Int32>
    private let backends: UnsafeMutableBufferPointer<Int32>

    /// - Parameters:
    ///   - routes: by rule index of the route table.
    ///   - backends: by backend position of the plan.
    package init(routes: [Int32], backends: [Int32]) {
        self.routes = .allocate(capacity: routes.count)
        _ = self.routes.initialize(from: routes)
        self.backends = .allocate(capacity: backends.count)
        _ = self.backends.initialize(from: backends)
    }

    deinit {
        routes.deallocate()
        backends.deallocate()
    }

    /// 0 (`MetricNames.none`) for no rule.
    func route(_ rule: Int32) -> Int32 {
        rule >= 0 && Int(rule) < routes.count ? routes[Int(rule)] : 0
    }

    func backend(_ backend: Int32) -> Int32 {
        backend >= 0 && Int(backend) < backends.count ? backends[Int(backend)] : 0
    }
}
