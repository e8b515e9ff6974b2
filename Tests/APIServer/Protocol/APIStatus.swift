package import GatewayAPI

/// A refusal, as the protocol words it: an object of kind `Status`.
package struct APIStatus: Error, Sendable {
    package var code: Int
    package var reason: String
    package var message: String
    package var details: Node?
    /// Seconds.
    package var retryAfter: Int?

    package init(code: Int, reason: String, message: String, details: Node? = nil, retryAfter: Int? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.retryAfter = retryAfter
    }

    var node: Node {
        var node: Node = .mapping([
            "kind": "Status", "apiVersion": "v1", "metadata": .mapping([:]), "status": "Failure",
            "message": .string(message),
        ])
        if !reason.isEmpty { node.set("reason", .string(reason)) }
        node.set("details", details)
        if let retryAfter { node.update("details") { $0.set("retryAfterSeconds", .integer(Int64(retryAfter))) } }
        node.set("code", .integer(Int64(code)))
        return node
    }

    /// What a deletion answers.
    static func success(_ kind: ServedKind, _ key: ObjectKey, uid: String) -> Node {
        var details = Self.details(kind, key.name)
        details.set("uid", .string(uid))
        return .mapping([
            "kind": "Status", "apiVersion": "v1", "metadata": .mapping([:]), "status": "Success", "details": details,
        ])
    }
}

extension APIStatus {
    static func badRequest(_ message: String) -> APIStatus {
        APIStatus(code: 400, reason: "BadRequest", message: message)
    }

    static let unauthorized = APIStatus(code: 401, reason: "Unauthorized", message: "Unauthorized")

    static func notFound(_ kind: ServedKind, _ name: String) -> APIStatus {
        APIStatus(
            code: 404, reason: "NotFound", message: "\(kind.resource) \"\(name)\" not found",
            details: details(kind, name))
    }

    /// Of a path in a group that the server has built in; nothing at all is served of others.
    static let noResource = APIStatus(
        code: 404, reason: "NotFound", message: "the server could not find the requested resource",
        details: .mapping([:]))

    static func methodNotAllowed() -> APIStatus {
        APIStatus(
            code: 405, reason: "MethodNotAllowed",
            message: "the server does not allow this method on the requested resource")
    }

    static func alreadyExists(_ kind: ServedKind, _ name: String) -> APIStatus {
        APIStatus(
            code: 409, reason: "AlreadyExists", message: "\(kind.resource) \"\(name)\" already exists",
            details: details(kind, name))
    }

    static func conflict(_ kind: ServedKind, _ name: String, _ why: String = staleVersion) -> APIStatus {
        APIStatus(
            code: 409, reason: "Conflict",
            message: "Operation cannot be fulfilled on \(kind.resource) \"\(name)\": \(why)",
            details: details(kind, name))
    }

    private static let staleVersion =
        "the object has been modified; please apply your changes to the latest version and try again"

    /// Server-side apply met fields of others.
    static func applyConflict(_ conflicts: [(manager: String, field: String)]) -> APIStatus {
        let causes = conflicts.map { conflict -> Node in
            .mapping([
                "reason": "FieldManagerConflict", "message": .string("conflict with \"\(conflict.manager)\""),
                "field": .string(conflict.field),
            ])
        }
        return APIStatus(
            code: 409, reason: "Conflict",
            message: "Apply failed with \(conflicts.count) conflict(s): "
                + conflicts.map { "conflict with \"\($0.manager)\": \($0.field)" }.joined(separator: ", "),
            details: .mapping(["causes": .sequence(causes)]))
    }

    static func expired(_ message: String) -> APIStatus { APIStatus(code: 410, reason: "Expired", message: message) }

    static func unsupportedMediaType(_ type: String) -> APIStatus {
        APIStatus(
            code: 415, reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format: \(type)")
    }

    static func invalid(_ kind: ServedKind, _ name: String, field: String, _ why: String) -> APIStatus {
        var details = Self.details(kind, name, useKind: true)
        details.set(
            "causes",
            [.mapping(["reason": "FieldValueInvalid", "message": .string(why), "field": .string(field)])])
        let qualified = kind.group.isEmpty ? kind.kind : "\(kind.kind).\(kind.group)"
        return APIStatus(
            code: 422, reason: "Invalid", message: "\(qualified) \"\(name)\" is invalid: \(field): \(why)",
            details: details)
    }

    static func tooLargeVersion(_ version: Int64, current: Int64) -> APIStatus {
        APIStatus(
            code: 504, reason: "Timeout",
            message: "Timeout: Too large resource version: \(version), current: \(current)",
            details: .mapping([
                "causes": [.mapping(["reason": "ResourceVersionTooLarge", "message": "Too large resource version"])]
            ]), retryAfter: 1)
    }

    private static func details(_ kind: ServedKind, _ name: String, useKind: Bool = false) -> Node {
        var node: Node = .mapping(["name": .string(name)])
        if !kind.group.isEmpty { node.set("group", .string(kind.group)) }
        node.set("kind", .string(useKind ? kind.kind : kind.plural))
        return node
    }
}
