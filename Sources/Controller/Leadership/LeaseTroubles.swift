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
    ) -> [News] {
        switch result {
        case .failure(let error):
            let reason = "cannot be \(verb.rawValue): the API server \(error)"
            return outage.isNews(reason, error, now: now) ? [.begun(reason)] : []
        case .success(let response) where isFailed: return refused(verb, response, now)
        case .success:
            return [outage.end(now: now), refusals[verb]?.end(now: now)].compactMap { $0.map(News.over) }
        }
    }

    private mutating func refused(_ verb: Verb, _ response: APIResponse, _ now: UInt64) -> [News] {
        let status = response.status
        let reason = "cannot be \(verb.rawValue): the API server answers \(status), \(response.explanation)"
        if ToldTrouble.mendsItself(nil, status: status) {
            return outage.isNews(reason, status: status, now: now) ? [.begun(reason)] : []
        }
        let over = outage.end(now: now).map { [News.over($0)] } ?? []
        return over + (refusals[verb, default: ToldTrouble()].isNews(reason, now: now) ? [.begun(reason)] : [])
    }
}
