package import HTTP

/// One request of a client.
package struct HTTPClientRequest: Sendable {
    package var method: HTTPMethod
    /// Path and query, escaped.
    package var target: String
    /// Sent as they are; Host and Content-Length are added where they are missing.
    package var fields: HTTPFields
    package var body: [UInt8]
    /// Nanoseconds from the request's being sent to the end of the response's head; 0 for no limit.
    package var responseTimeout: UInt64 = 30 * HTTPClientLimits.second
    /// Nanoseconds that a response's body may be silent while it is not paused; 0 for no limit.
    package var silenceTimeout: UInt64 = 60 * HTTPClientLimits.second
    /// Nanoseconds for everything, waiting for a connection included; 0 for no limit.
    package var totalTimeout: UInt64 = 0
    /// The protocol asked for with `Upgrade` (RFC 9110, section 7.8). Where the server switches to it (101), what it
    /// sends from then on is the response's body, which ends with the connection.
    package var upgrade: String?
    /// Whether it may be sent again when a connection that was kept open turns out to be closed.
    package var isRepeatable: Bool

    package init(_ method: HTTPMethod, _ target: String, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        isRepeatable = method.isIdempotent
    }

    /// What keeps this from being sent as one request; nil if nothing does.
    var defect: String? {
        if method == .other { return "the method is not one that can be sent" }
        guard target.utf8.first == UInt8(ascii: "/"), target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
            return "the target does not begin with / or has a space or a control byte in it"
        }
        if let field = fields.firstUnsendable { return "field \(field.name): a byte in it that no field may have" }
        return nil
    }

    /// The head as it is sent.
    func head(authority: String) -> [UInt8] {
        var text = "\(method.token) \(target) HTTP/1.1\r\n"
        if fields["host"] == nil { text += "host: \(authority)\r\n" }
        text += fields.lines
        if let upgrade { text += "connection: upgrade\r\nupgrade: \(upgrade)\r\n" }
        if fields["content-length"] == nil, !body.isEmpty || method == .post || method == .put || method == .patch {
            text += "content-length: \(body.count)\r\n"
        }
        return Array((text + "\r\n").utf8)
    }
}
