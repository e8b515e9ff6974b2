internal import Kubernetes
internal import Reactor
internal import Telemetry

/// Which trouble has been said, so that it is said once for as long as it lasts, however often it is tried again, and
/// that it is over. What mends itself is said when it has lasted for a while.
struct ToldTrouble {
    private struct Trouble {
        var key: String
        /// As it was said.
        var message: String
        /// Nanoseconds.
        var since: UInt64
        var isTold = false
    }

    private var current: Trouble?

    /// Whether this is to be said now; it is taken for said.
    /// - Parameters:
    ///   - message: what there is to say.
    ///   - error: why there was no answer; the same trouble may have another text each time.
    ///   - status: of the answer; nil when there was none.
    ///   - now: nanoseconds.
    mutating func isNews(_ message: String, _ error: APIError? = nil, status: Int? = nil, now: UInt64) -> Bool {
        let mends = Self.mendsItself(error, status: status)
        let key = mends ? "the server is not well" : error?.trouble ?? message
        var trouble = Trouble(key: key, message: message, since: now)
        if let current, current.key == key { trouble = current }
        let isDue = !trouble.isTold && (!mends || now &- trouble.since >= ProblemReporter.patience)
        if isDue {
            trouble.isTold = true
            trouble.message = message
        }
        current = trouble
        return isDue
    }

    /// It went well this time.
    /// - Returns: that the trouble is over, when it has been said.
    mutating func end(now: UInt64) -> String? {
        defer { current = nil }
        guard let current, current.isTold else { return nil }
        return ProblemLog.over(since: current.since, now: now, current.message)
    }

    /// Logs a failed attempt, when it is news: as a warning what mends itself, as an error what waits for somebody to
    /// act.
    /// - Parameter subject: what could not be read or written.
    mutating func report(
        _ component: StaticString, _ subject: String, _ reason: String, _ error: APIError?, status: Int?
    ) {
        guard isNews(reason, error, status: status, now: Clock.now()) else { return }
        let line = "\(subject): \(reason); tried again"
        if Self.mendsItself(error, status: status) { Log.warn(component, line) } else { Log.error(component, line) }
    }

    /// Logs that what `report` has logged is over.
    mutating func reportEnd(_ component: StaticString, _ subject: String) {
        if let over = end(now: Clock.now()) { Log.info(component, "\(subject): \(over)") }
    }

    /// Whether trying again may help: no answer came, or one of a server that is not well. A final answer, as 403 is,
    /// stays until somebody acts.
    /// - Parameter status: of the answer; nil when there was none.
    static func mendsItself(_ error: APIError?, status: Int?) -> Bool {
        if let error {
            switch error {
            case .unreachable, .timedOut, .cancelled: return true
            case .invalidResponse, .tooLarge, .credentials: return false
            }
        }
        guard let status else { return false }
        return status == 429 || status >= 500
    }
}
