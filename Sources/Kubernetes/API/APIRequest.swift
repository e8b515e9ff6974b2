internal import GatewayAPI

/// One request to an API server.
package struct APIRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// How a body is meant.
    package enum Body: String, Sendable {
        case json = "application/json"
        /// RFC 7386.
        case mergePatch = "application/merge-patch+json"
        /// Server-side apply; JSON is YAML, too.
        case apply = "application/apply-patch+yaml"
    }

    /// How the body of an answer that is streamed is cut.
    package enum Pieces: Sendable {
        /// Line by line, as a watch's events come.
        case lines
        /// The elements of the member `items`, as of a list.
        case items
        /// The messages of a WebSocket, as of a command in a pod.
        case messages
    }

    package var method: Method
    /// Absolute path; names in it are Kubernetes names, which need no escaping.
    package var path: String
    /// Values are escaped by whoever sends the request.
    package var query: [(name: String, value: String)]
    package var contentType: Body
    package var body: [UInt8]
    /// Nanoseconds until an answer must be complete.
    package var timeout: UInt64
    package var pieces: Pieces

    package static let defaultTimeout: UInt64 = 30_000_000_000

    package init(
        _ method: Method, _ path: String, query: [(name: String, value: String)] = [], contentType: Body = .json,
        body: [UInt8] = [], timeout: UInt64 = APIRequest.defaultTimeout, pieces: Pieces = .lines
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.contentType = contentType
        self.body = body
        self.timeout = timeout
        self.pieces = pieces
    }
}

/// What the server answered, whatever the status.
package struct APIResponse: Sendable {
    package var status: Int
    package var body: [UInt8]
    /// Nanoseconds, from a Retry-After header.
    package var retryAfter: UInt64?

    package init(status: Int, body: [UInt8], retryAfter: UInt64? = nil) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
    }

    package var isSuccess: Bool { (200..<300).contains(status) }

    private static let explanationLength = 500

    /// What the `Status` object in the body says, or the first line of a body that is none, in at most 500 characters;
    /// "no reason given" when there is neither.
    package var explanation: String {
        var message = String(decoding: body.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        if let status = try? JSONReader.node(body) { message = status["message"]?.stringValue ?? "" }
        if message.isEmpty { message = "no reason given" }
        return String(String.UnicodeScalarView(message.unicodeScalars.prefix(Self.explanationLength)))
    }
}

/// Why there is no answer.
package enum APIError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No connection, or it broke; the text says which address and why.
    case unreachable(String)
    case timedOut
    case invalidResponse(String)
    /// The body is larger than this many bytes.
    case tooLarge(Int)
    /// The credentials cannot be had (a token file, an exec plugin).
    case credentials(String)
    case cancelled

    /// What it has in common with those that come of the same trouble: a server that is away refuses one connection and
    /// lets the next one wait.
    package var trouble: String {
        switch self {
        case .unreachable, .timedOut: "no answer"
        case .invalidResponse, .tooLarge, .credentials, .cancelled: description
        }
    }

    package var description: String {
        switch self {
        case .unreachable(let reason): "cannot be reached: \(reason)"
        case .timedOut: "did not answer in time"
        case .invalidResponse(let reason): "answered something that is not HTTP or not JSON: \(reason)"
        case .tooLarge(let limit): "answered with more than the \(limit) bytes allowed"
        case .credentials(let reason): "no credentials: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}

/// A request under way.
package protocol APICall: AnyObject {
    /// Its closures are not called any more.
    func cancel()
}

/// Talks to one API server. Belongs to one event loop, on whose thread all closures are called; none before the call
/// returns.
package protocol APITransport: AnyObject {
    /// Whether lists are asked for as the first events of a watch: several servers, each with versions of its own, may
    /// stand behind the address.
    var streamsLists: Bool { get }
    /// What the server is called in messages.
    var serverTitle: String { get }
    /// Where the watches of the server wait while no answer comes from it.
    var reconnection: Reconnection { get }

    /// One request, one answer.
    @discardableResult
    func send(_ request: APIRequest, _ done: @escaping (Result<APIResponse, APIError>) -> Void) -> any APICall

    /// A request whose answer is read as it comes. With status 200 `opened` is called once, then `piece` with each of
    /// its pieces; `done` says that the server ended it in order. With any other status `done` alone is called, with
    /// the whole body.
    ///
    /// Lines come without their end, one that is too long cut off, which makes it unreadable; the body at the end is
    /// empty. Of a list the items come, and at the end the body without them; one that is too large ends the call.
    @discardableResult
    func stream(
        _ request: APIRequest, opened: @escaping () -> Void, piece: @escaping (ArraySlice<UInt8>) -> Void,
        _ done: @escaping (Result<APIResponse, APIError>) -> Void
    ) -> any APICall
}

extension APITransport {
    package var streamsLists: Bool { false }
    package var serverTitle: String { "the API server" }
}
