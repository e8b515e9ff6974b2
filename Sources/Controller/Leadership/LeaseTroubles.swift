internal import Kubernetes

/// What keeps a candidate from its Lease, each trouble said once for as long as it lasts.
struct LeaseTroubles {
    enum Verb: String {
        case read
        case written
    }

    /// No answer comes, whatever is asked.
    private var silence = ToldTrouble()
    private var refusals: [Verb: ToldTrouble] = [:]

    /// - Parameter isFailed: whether the answer, if there is one, is not what was asked for.
    /// - Returns: why it cannot be done; nil when it could, or when that has been said.
    mutating func news(_ verb: Verb, _ result: Result<APIResponse, APIError>, isFailed: Bool) -> String? {
        switch result {
        case .failure(let error):
            let reason = "cannot be \(verb.rawValue): the API server \(error)"
            return silence.isNews(reason, error) ? reason : nil
        case .success(let response):
            silence.end()
            guard isFailed else {
                refusals[verb] = nil
                return nil
            }
            let reason =
                "cannot be \(verb.rawValue): the API server answers \(response.status), \(response.explanation)"
            return refusals[verb, default: ToldTrouble()].isNews(reason) ? reason : nil
        }
    }
}
