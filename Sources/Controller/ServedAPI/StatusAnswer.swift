internal import ControlHTTP
internal import GatewayAPI
internal import Kubernetes

/// A `Status` object, as API servers answer what they cannot do.
struct StatusAnswer {
    var code: Int
    var reason: String
    var message: String
    /// Seconds.
    var retryAfter: Int?

    init(_ code: Int, _ reason: String, _ message: String, retryAfter: Int? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfter = retryAfter
    }

    static let notFound = StatusAnswer(404, "NotFound", "the server could not find the requested resource")

    static func notFound(_ kind: ServedKind, _ name: String) -> StatusAnswer {
        StatusAnswer(404, "NotFound", "\(kind.resourceName) \"\(name)\" not found")
    }

    static func badRequest(_ message: String) -> StatusAnswer { StatusAnswer(400, "BadRequest", message) }

    /// What was known at that version is not known any more, or was never: everything must be listed anew.
    static func expired(_ version: String) -> StatusAnswer {
        StatusAnswer(410, "Expired", "too old resource version: \(version)")
    }

    static func loading(_ kind: ServedKind) -> StatusAnswer {
        StatusAnswer(
            503, "ServiceUnavailable", "\(kind.resourceName): not everything has been read yet; ask again",
            retryAfter: 1)
    }

    var node: Node {
        var node: Node = .mapping([
            "kind": "Status", "apiVersion": "v1", "metadata": .mapping([:]), "status": "Failure",
            "message": .string(message), "reason": .string(reason),
        ])
        if let retryAfter { node.set("details", .mapping(["retryAfterSeconds": .integer(Int64(retryAfter))])) }
        node.set("code", .integer(Int64(code)))
        return node
    }

    var answer: HTTPAnswer {
        var answer = HTTPAnswer(status: code, contentType: "application/json", body: node.json)
        if let retryAfter { answer.fields.append("retry-after", String(retryAfter)) }
        if code == 401 { answer.fields.append("www-authenticate", "Bearer") }
        if code == 405 { answer.fields.append("allow", "GET, HEAD") }
        return answer
    }
}
