package import HTTP
package import Reactor

/// A whole request that a server was sent.
package struct HTTPServerRequest: Sendable {
    package var method: HTTPMethod
    /// As written, escapes included; `/` when the target has none.
    package var path: String
    /// As written, without its `?`.
    package var query: String
    package var fields: HTTPFields
    package var body: [UInt8]
    package var peer: SocketAddress

    package init(
        method: HTTPMethod, path: String, query: String = "", fields: HTTPFields = HTTPFields(), body: [UInt8] = [],
        peer: SocketAddress = .none
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
        self.body = body
        self.peer = peer
    }

    /// GET or HEAD: the answer to both is the same, and whoever sends it need not tell them apart.
    package var isRead: Bool { method == .get || method == .head }
}
