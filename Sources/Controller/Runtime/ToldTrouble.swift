internal import Kubernetes

/// Which trouble has been said, so that it is said once for as long as it lasts, however often it is tried again.
struct ToldTrouble {
    private var last = ""

    /// Whether this has not been said yet; it is taken for said.
    /// - Parameters:
    ///   - message: what there is to say.
    ///   - error: why there was no answer; the same trouble may have another text each time.
    mutating func isNews(_ message: String, _ error: APIError? = nil) -> Bool {
        let trouble = error?.trouble ?? message
        defer { last = trouble }
        return trouble != last
    }

    /// Whether trying again may help: no answer came, or one of a server that is not well. A final answer, as 403 is, stays until
    /// somebody acts.
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

    mutating func end() { last = "" }
}
