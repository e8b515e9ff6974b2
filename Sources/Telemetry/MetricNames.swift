internal import Synchronization

/// Small stable numbers for the names that appear in labels, so that the data path carries no text.
///
/// Used while a snapshot is compiled and when a backend of it is first counted, never per request. A name keeps its
/// number as long as somebody holds it, and over every reload: counters of an unchanged route go on counting. One that
/// nobody holds any more is given back by `reclaim` when numbers become scarce, so that names which come and go use
/// none up.
package final class MetricNames: Sendable {
    /// No route or backend was found.
    package static let none: Int32 = 0
    /// The name did not fit below the limit any more.
    package static let other: Int32 = 1

    private struct Table {
        var ids: [String: Int32] = [:]
        var names: [String] = ["none", "other"]
        /// By number, how many hold it.
        var holders: [Int32] = [1, 1]
        var free: [Int32] = []
        /// Names of each namespace.
        var shares: [Substring: Int] = [:]

        mutating func intern(_ name: String, limit: Int) -> Int32 {
            if let id = ids[name] {
                holders[Int(id)] += 1
                return id
            }
            let namespace = Self.namespace(name)
            // A namespace may have as many as it likes while half of all are left, and its share of the other half.
            guard ids.count < limit, ids.count < limit / 2 || shares[namespace, default: 0] < max(limit / 20, 1) else {
                return MetricNames.other
            }
            shares[namespace, default: 0] += 1
            if let id = free.popLast() {
                ids[name] = id
                names[Int(id)] = name
                holders[Int(id)] = 1
                return id
            }
            let id = Int32(truncatingIfNeeded: names.count)
            ids[name] = id
            names.append(name)
            holders.append(1)
            return id
        }

        mutating func retain(_ id: Int32) {
            guard id > MetricNames.other, Int(id) < holders.count, holders[Int(id)] > 0 else { return }
            holders[Int(id)] += 1
        }

        mutating func release(_ id: Int32) {
            guard id > MetricNames.other, Int(id) < holders.count, holders[Int(id)] > 0 else { return }
            holders[Int(id)] -= 1
        }

        /// Numbers that nobody holds.
        var abandoned: Set<Int32> {
            Set(ids.values.filter { holders[Int($0)] == 0 })
        }

        mutating func giveBack(_ numbers: Set<Int32>) {
            for id in numbers.sorted(by: >) {
                let name = names[Int(id)]
                ids[name] = nil
                names[Int(id)] = names[Int(MetricNames.other)]
                free.append(id)
                let namespace = Self.namespace(name)
                let left = shares[namespace, default: 1] - 1
                shares[namespace] = left > 0 ? left : nil
            }
        }

        static func namespace(_ name: String) -> Substring {
            name.prefix { $0 != "/" }
        }
    }

    private struct State {
        var routes = Table()
        var backends = Table()
    }

    private let limit: Int
    private let state = Mutex(State())
    /// Whose the numbers are, for shares of series.
    let owners: SeriesOwners

    /// - Parameter limit: distinct routes, and distinct backends, with a number of their own.
    package init(limit: Int = TelemetryLimits.metricNames) {
        self.limit = min(max(limit, 0), SeriesKey.maximumNames - 2)
        owners = SeriesOwners(count: self.limit + 2)
    }

    /// The number of a route named `namespace/name`, held until it is released as often as it was asked for.
    package func intern(route: String) -> Int32 {
        let name = MetricNames.cut(route)
        return state.withLock { state in
            let number = state.routes.intern(name, limit: limit)
            owners.assign(route: number, to: Table.namespace(name))
            return number
        }
    }

    /// As a route's, of a backend named `namespace/name:port`.
    package func intern(backend: String) -> Int32 {
        let name = MetricNames.cut(backend)
        return state.withLock { state in
            let number = state.backends.intern(name, limit: limit)
            owners.assign(backend: number, to: Table.namespace(name))
            return number
        }
    }

    /// Numbers that somebody holds are held by one more, who releases them as well.
    package func retain(route: Int32, backend: Int32) {
        state.withLock { state in
            state.routes.retain(route)
            state.backends.retain(backend)
        }
    }

    /// Whoever interned these counts nothing under them any more.
    package func release(routes: some Sequence<Int32>, backends: some Sequence<Int32>) {
        state.withLock { state in
            for id in routes { state.routes.release(id) }
            for id in backends { state.backends.release(id) }
        }
    }

    /// Gives back the numbers that nobody holds, if those in use are near the limit; `fold` is told of them first.
    func reclaim(_ fold: (_ routes: Set<Int32>, _ backends: Set<Int32>) -> Void) {
        state.withLock { state in
            let routes = state.routes.ids.count > limit / 4 ? state.routes.abandoned : []
            let backends = state.backends.ids.count > limit / 4 ? state.backends.abandoned : []
            guard !routes.isEmpty || !backends.isEmpty else { return }
            fold(routes, backends)
            state.routes.giveBack(routes)
            state.backends.giveBack(backends)
        }
    }

    /// Every route and backend name, by number, as of now.
    func names() -> (routes: [String], backends: [String]) {
        state.withLock { ($0.routes.names, $0.backends.names) }
    }

    private static func cut(_ name: String) -> String {
        guard name.utf8.count > TelemetryLimits.labelBytes else { return name }
        return String(decoding: name.utf8.prefix(TelemetryLimits.labelBytes), as: UTF8.self)
    }
}
