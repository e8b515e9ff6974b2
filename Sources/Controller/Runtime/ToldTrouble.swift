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

    mutating func end() { last = "" }
}
