package import Foundation

/// One request as the server's log has it.
package struct LoggedRequest: Sendable {
    package var method: String
    package var path: String
    /// Decoded: `limit=500&watch=true`.
    package var query: String
    package var userAgent: String
    package var body: [UInt8]
    package var headers: [(name: String, value: String)]
    package var time: Date
    /// nil while it is under way, or when the connection broke instead of an answer.
    package var status: Int?

    package var isWatch: Bool { query.contains("watch=1") || query.contains("watch=true") }

    /// `GET /api/v1/pods?limit=500`
    package var line: String { "\(method) \(path)\(query.isEmpty ? "" : "?\(query)")" }
}

/// What was asked of the server, and how often each object was written.
struct RequestLog {
    /// Older requests are forgotten.
    static let limit = 200_000

    private(set) var requests: [LoggedRequest] = []
    private var forgotten = 0
    /// Successful writes by the path of the object or subresource.
    private(set) var writes: [String: Int] = [:]

    /// The number by which the answer finds it.
    mutating func begin(_ request: HTTPRequest) -> Int {
        requests.append(
            LoggedRequest(
                method: request.method, path: request.path,
                query: request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&"),
                userAgent: request.header("user-agent") ?? "", body: request.body, headers: request.headers,
                time: Date()))
        if requests.count > Self.limit {
            requests.removeFirst(Self.limit / 2)
            forgotten += Self.limit / 2
        }
        return forgotten + requests.count - 1
    }

    mutating func end(_ number: Int, status: Int) {
        let index = number - forgotten
        guard requests.indices.contains(index) else { return }
        requests[index].status = status
    }

    mutating func countWrite(_ path: String) { writes[path, default: 0] += 1 }

    mutating func clear() {
        forgotten += requests.count
        requests = []
        writes = [:]
    }
}
