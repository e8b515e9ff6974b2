internal import Synchronization

/// Small stable numbers for the names that appear in labels, so that the data path carries no text.
///
/// Used while a snapshot is compiled and when a backend of it is first counted, never per request. A name keeps its number for the life of the process,
/// over every reload: counters of an unchanged route go on counting.
package final class MetricNames: Sendable {
    /// No route or backend was found.
    package static let none: Int32 = 0
    /// The name did not fit below the limit any more.
    package static let other: Int32 = 1

    private struct Table {
        var ids: [String: Int32] = [:]
        var names: [String] = ["none", "other"]

        mutating func intern(_ name: String, limit: Int) -> Int32 {
            if let id = ids[name] { return id }
            guard ids.count < limit else { return MetricNames.other }
            let id = Int32(truncatingIfNeeded: names.count)
            ids[name] = id
            names.append(name)
            return id
        }
    }

    private struct State {
        var routes = Table()
        var backends = Table()
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: distinct routes, and distinct backends, with a number of their own.
    package init(limit: Int = TelemetryLimits.metricNames) {
        self.limit = min(max(limit, 0), SeriesKey.maximumNames - 2)
    }

    /// The number of a route named `namespace/name`.
    package func intern(route: String) -> Int32 {
        let name = MetricNames.cut(route)
        return state.withLock { $0.routes.intern(name, limit: limit) }
    }

    /// The number of a backend named `namespace/name:port`.
    package func intern(backend: String) -> Int32 {
        let name = MetricNames.cut(backend)
        return state.withLock { $0.backends.intern(name, limit: limit) }
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
