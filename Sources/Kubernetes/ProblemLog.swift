package import GatewayAPI

/// Which problems have been logged: an error once for as long as it lasts, and that it is over.
package struct ProblemLog {
    /// What there is to log.
    package struct News: Hashable {
        /// Errors that are new, in the order of the problems.
        package var begun: [Problem] = []
        /// One line about all errors that have ended; nil when none has.
        package var over: String?
    }

    private struct Known {
        /// Nanoseconds.
        var since: UInt64
        var isLogged: Bool
    }

    /// A problem whatever its severity: it may become an error by lasting.
    private var known: [Problem: Known] = [:]

    package init() {}

    /// - Parameters:
    ///   - problems: all that there are.
    ///   - now: nanoseconds.
    package mutating func update(_ problems: [Problem], now: UInt64) -> News {
        var news = News()
        var present: [Problem: Known] = [:]
        for problem in problems {
            let plain = Self.plain(problem)
            var entry = present[plain] ?? known[plain] ?? Known(since: now, isLogged: false)
            if problem.severity == .error, !entry.isLogged {
                entry.isLogged = true
                news.begun.append(problem)
            }
            present[plain] = entry
        }
        // What is said of a field in other words than before is not over.
        let changed = Set(news.begun.compactMap(Place.init))
        let over = known.filter {
            $0.value.isLogged && present[$0.key] == nil && !(Place($0.key).map(changed.contains) ?? false)
        }
        known = present
        news.over = Self.line(over.map { (problem: $0.key, since: $0.value.since) }, now: now)
        return news
    }

    private static func line(_ over: [(problem: Problem, since: UInt64)], now: UInt64) -> String? {
        let first = over.min { ($0.since, $0.problem.oneLine) < ($1.since, $1.problem.oneLine) }
        guard let first else { return nil }
        let seconds = max(1, (now &- first.since) / 1_000_000_000)
        let others = over.count > 1 ? " (and \(over.count - 1) more)" : ""
        return "over after \(seconds) s: \(first.problem.oneLine)\(others)"
    }

    /// What makes a problem the same as before: not how grave it is by now, nor where in its file it has moved to.
    private static func plain(_ problem: Problem) -> Problem {
        var plain = problem
        plain.severity = .error
        plain.line = 0
        plain.dependsOn = []
        return plain
    }

    /// Of a field there is one trouble at a time; a whole object or a server may have several side by side.
    private struct Place: Hashable {
        var object: String
        var field: String
        var file: String

        init?(_ problem: Problem) {
            guard !problem.field.isEmpty else { return nil }
            object = problem.object
            field = problem.field
            file = problem.file
        }
    }
}
