package import GatewayAPI

/// Which problems have been logged: an error once, when it has lasted for a while, and that it is over.
package struct ProblemLog {
    /// What there is to log.
    package struct News: Hashable {
        /// Errors that have not been logged yet, in the order of the problems.
        package var begun: [Problem] = []
        /// One line about all logged errors that have ended; nil when none has.
        package var over: String?
        /// Nanoseconds until one more error will have lasted; nil when all have.
        package var next: UInt64?
    }

    private struct Known {
        /// As it was told last.
        var problem: Problem
        var position: Int
        /// Nanoseconds.
        var since: UInt64
        var isLogged: Bool
    }

    private var known: [Problem: Known] = [:]
    private let patience: UInt64

    /// - Parameter patience: nanoseconds that an error has to last before it is one to log.
    package init(patience: UInt64) { self.patience = patience }

    /// - Parameters:
    ///   - problems: all that there are.
    ///   - now: nanoseconds.
    package mutating func update(_ problems: [Problem], now: UInt64) -> News {
        var present: [Problem: Known] = [:]
        for (position, problem) in problems.enumerated() {
            let plain = Self.plain(problem)
            let before = known[plain]
            present[plain] =
                present[plain]
                ?? Known(
                    problem: problem, position: position, since: before?.since ?? now,
                    isLogged: before?.isLogged ?? false)
        }
        let over = known.filter { $0.value.isLogged && present[$0.key] == nil }.map(\.value)
        known = present
        var news = look(now: now)
        // What is said of a field in other words than before is not over.
        let places = Set(known.keys.compactMap(Place.init))
        news.over = Self.line(over.filter { !(Place($0.problem).map(places.contains) ?? false) }, now: now)
        return news
    }

    /// What has lasted long enough by now, without a change of the problems.
    package mutating func look(now: UInt64) -> News {
        var news = News()
        var due: [Known] = []
        for (plain, entry) in known where entry.problem.severity == .error && !entry.isLogged {
            let age = now &- entry.since
            if age >= patience {
                known[plain]?.isLogged = true
                due.append(entry)
            } else {
                news.next = min(news.next ?? .max, patience - age)
            }
        }
        news.begun = due.sorted { $0.position < $1.position }.map(\.problem)
        return news
    }

    private static func line(_ over: [Known], now: UInt64) -> String? {
        let first = over.min { ($0.since, $0.problem.oneLine) < ($1.since, $1.problem.oneLine) }
        guard let first else { return nil }
        let others = over.count > 1 ? " (and \(over.count - 1) more)" : ""
        return Self.over(since: first.since, now: now, "\(first.problem.oneLine)\(others)")
    }

    /// That something is not the case any more.
    package static func over(since: UInt64, now: UInt64, _ text: String) -> String {
        "over after \(max(1, (now &- since) / 1_000_000_000)) s: \(text)"
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
