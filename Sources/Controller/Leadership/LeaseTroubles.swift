internal import Kubernetes

/// What keeps a candidate from its Lease, each trouble said once for as long as it lasts.
struct LeaseTroubles {
    enum Verb: String {
        case read
        case written
    }

    enum News: Hashable {
        /// Why it cannot be done.
        case begun(String)
        case over(String)
    }

    /// Of the server, whatever is asked: an outage is one trouble of reading and writing.
    private var outage = ToldTrouble()
    private var refusals: [Verb: ToldTrouble] = [:]

    /// - Parameters:
    ///   - isFailed: whether the answer, if there is one, is not what was asked for.
    ///   - now: nanoseconds.
    mutating func news(
        _ verb: Verb, _ result: Result<APIResponse, APIError>, isFailed: Bool, now: UInt64
    ) -> News? {
        switch result {
        case .failure(let error):
            let reason = "cannot be \(verb.rawValue): the API server \(error)"
            return outage.isNews(reason, error, now: now) ? .begun(reason) : nil
        case .success(let response):
            let reason =
                "cannot be \(verb.rawValue): the API server answers \(response.status), \(response.explanation)"
            if isFailed, ToldTrouble.mendsItself(nil, status: response.status) {
                return outage.isNews(reason, status: response.status, now: now) ? .begun(reason) : nil
            }
            let over = outage.end(now: now)
            if isFailed, refusals[verb, default: ToldTrouble()].isNews(reason, now: now) { return .begun(reason) }
            let granted = isFailed ? nil : refusals[verb]?.end(now: now)
            return (granted ?? over).map(News.over)
        }
    }
}
