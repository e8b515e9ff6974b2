import GatewayAPI
import Kubernetes

/// One whole answer.
struct HTTPResponse: Sendable {
    var status: Int
    var contentType = "application/json"
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    init(status: Int, contentType: String = "application/json", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    init(status: Int = 200, _ node: Node) { self.init(status: status, body: node.json) }

    init(status: Int, text: String) { self.init(status: status, contentType: "text/plain", body: Array(text.utf8)) }

    /// - Parameter isPlain: says it in a line of text instead of a `Status`.
    init(_ problem: APIStatus, isPlain: Bool = false) {
        if isPlain {
            self.init(status: problem.code, text: problem.message + "\n")
        } else {
            self.init(status: problem.code, problem.node)
        }
        if let seconds = problem.retryAfter { headers.append(("Retry-After", "\(seconds)")) }
    }

    func bytes(keepsConnection: Bool) -> [UInt8] {
        let close = keepsConnection ? "" : "Connection: close\r\n"
        let more = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
        let head =
            "\(Self.start(status))Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n\(more)\(close)\r\n"
        return Array(head.utf8) + body
    }

    /// The head of an answer that comes in chunks.
    static let streamHead =
        start(200) + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

    static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]
    }

    static let lastChunk = Array("0\r\n\r\n".utf8)

    private static func start(_ status: Int) -> String {
        "HTTP/1.1 \(status) Status\r\nAudit-Id: 0\r\n"
    }
}
