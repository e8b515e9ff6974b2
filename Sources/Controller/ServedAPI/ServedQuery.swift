internal import ControlHTTP
internal import GatewayAPI

/// The parameters of a list or a watch. What has no meaning here (`pretty`, `timeout` and the like) is passed over.
struct ServedQuery {
    var scope: ObjectScope
    var isWatch = false
    /// As written; empty when there is none.
    var resourceVersion = ""
    /// Only what was true at just that version will do.
    var isExact = false
    /// 0: no limit.
    var limit = 0
    var continuation: String?
    var timeoutSeconds: UInt64?
    var allowsBookmarks = false
    /// nil: not said.
    var sendsInitialEvents: Bool?

    /// - Throws: the answer to a query that cannot be understood.
    init(_ query: String, namespace: String?) throws(QueryRefusal) {
        var labels = ""
        var fields = ""
        let parameters = HTTPQuery.decode(query)
        for (name, value) in parameters {
            switch name {
            case "labelSelector": labels = value
            case "fieldSelector": fields = value
            case "watch": isWatch = ServedQuery.flag(value)
            case "resourceVersion": resourceVersion = value
            case "resourceVersionMatch": isExact = value == "Exact"
            case "limit": limit = try ServedQuery.number(name, value)
            case "continue": continuation = value.isEmpty ? nil : value
            case "timeoutSeconds": timeoutSeconds = UInt64(try ServedQuery.number(name, value))
            case "allowWatchBookmarks": allowsBookmarks = ServedQuery.flag(value)
            case "sendInitialEvents": sendsInitialEvents = ServedQuery.flag(value)
            default: continue
            }
        }
        do throws(SelectorError) {
            scope = try ObjectScope(namespace: namespace, labels: labels, fields: fields)
        } catch {
            throw QueryRefusal(reason: "labelSelector or fieldSelector: \(error.reason)")
        }
        if !resourceVersion.isEmpty, UInt64(resourceVersion) == nil {
            throw QueryRefusal(reason: "resourceVersion: '\(resourceVersion.prefix(40))' is no version of this server")
        }
    }

    private static func flag(_ value: String) -> Bool { value == "true" || value == "1" }

    private static func number(_ name: String, _ value: String) throws(QueryRefusal) -> Int {
        guard !value.isEmpty else { return 0 }
        guard let number = Int(value), number >= 0 else {
            throw QueryRefusal(reason: "\(name): '\(value.prefix(40))' is not a number of 0 or more")
        }
        return number
    }
}

/// Why a query cannot be answered.
struct QueryRefusal: Error {
    var reason: String
}

/// Where a list in pages goes on: after an object, and as of the version that the first page told.
struct ListContinuation {
    var version: UInt64
    var key: ObjectKey

    init(version: UInt64, key: ObjectKey) {
        self.version = version
        self.key = key
    }

    /// nil for what is none of ours.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, let version = UInt64(parts[0]), !parts[2].isEmpty else { return nil }
        self.init(version: version, key: ObjectKey(namespace: String(parts[1]), name: String(parts[2])))
    }

    var text: String { "\(version)/\(key.namespace)/\(key.name)" }
}
